"""python -m kindvoice"""

from kindvoice.cli import main

if __name__ == "__main__":
    main()

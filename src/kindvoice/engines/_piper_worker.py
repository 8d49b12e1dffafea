"""One Piper voice in a process of its own: `python -P _piper_worker.py MODEL.onnx`, line after line.

piper-tts is GPL-3.0-or-later and is never loaded into kindvoice itself; what crosses the pipe is text and
sound. This file is run by its path and imports nothing of kindvoice. See `_process` for how jobs and answers
look.

    {"text", "speed", "speaker": number or null}  -> {"rate", "samples": base64 of float32, little-endian}

Loading a voice takes one to two seconds, so the process stays. It ends at the end of stdin, at once, even in
the middle of a line or while it loads: then kindvoice is gone.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
import traceback
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any


def main() -> None:
    """Load the voice and answer every line of stdin until there are no more."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else wants to print must not garble an answer
    sys.excepthook = _fail
    jobs: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()
    voice = load(Path(sys.argv[1]))
    while True:
        answers.write(json.dumps(speak(voice, json.loads(jobs.get()))).encode("ascii") + b"\n")
        answers.flush()


def _read(jobs: SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        jobs.put(line)
    os._exit(0)


def _fail(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    """End at once: the thread that reads stdin would make an orderly end crash, and hide the reason."""
    traceback.print_exception(kind, fault, trace)
    sys.stderr.flush()
    os._exit(1)


def load(model: Path) -> Any:
    """The voice, on one thread: lines are spoken side by side by several processes, which gains more."""
    # From 1.29 on the runtime reports to its makers over the network, unless this is set before it loads.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    from onnxruntime import InferenceSession, SessionOptions
    from piper import PiperVoice
    from piper.config import PiperConfig

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # it keeps memory for every length of line that it has seen
    config = json.loads(Path(f"{model}.json").read_text(encoding="utf-8"))
    return PiperVoice(
        config=PiperConfig.from_dict(config),
        session=InferenceSession(str(model), sess_options=options, providers=["CPUExecutionProvider"]),
    )


def speak(voice: Any, job: dict[str, Any]) -> dict[str, Any]:
    """The sound of one text; its sentences one after another, each with its own short silences.

    Without Piper's two noises the same text gives the same samples. Without its normalising every sentence
    has the level that the voice gave it.
    """
    from piper import SynthesisConfig

    how = SynthesisConfig(
        speaker_id=job["speaker"],
        length_scale=1 / job["speed"],
        noise_scale=0.0,
        noise_w_scale=0.0,
        normalize_audio=False,
    )
    sentences = [chunk.audio_float_array for chunk in voice.synthesize(job["text"], how)]
    samples = b"".join(sentence.astype("<f4").tobytes() for sentence in sentences)
    return {"rate": voice.config.sample_rate, "samples": base64.b64encode(samples).decode("ascii")}


if __name__ == "__main__":
    main()

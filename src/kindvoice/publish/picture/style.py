"""Colours and sizes of the picture, for light and for dark.

Okabe and Ito's palette, which a colour-blind eye tells apart, darkened or lightened for contrast with the paper.
No variables: not everything that shows an SVG knows them.
"""

from __future__ import annotations

STYLE = """
svg { color-scheme: light dark; }
text { font-family: system-ui, "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", Arial, sans-serif; }
.paper { fill: #fcfaf6; } .ink { fill: #26241f; } .soft { fill: #656055; }
.title { font-size: 26px; font-weight: 600; } .facts { font-size: 15px; } .legend { font-size: 13px; }
.row { font-size: 15px; font-weight: 600; } .tick { font-size: 12px; } .words { font-size: 12.5px; }
.chapter { font-size: 13px; font-weight: 600; } .more { font-weight: 400; }
.length { font-size: 12px; text-anchor: middle; }
.lane { fill: #f2ede3; } .rule { stroke: #cfc7b6; stroke-width: 1; } .fine { stroke: #e2dbcc; stroke-width: 1; }
.band0 { fill: #e6dfd0; } .band1 { fill: #efe9dd; }
.speech { fill: #0072b2; stroke: #0072b2; } .other { fill: none; stroke: #9a9282; }
.bell { fill: #b26a00; stroke: #b26a00; } .wedge { fill: #e69f00; fill-opacity: .35; }
.mark { stroke: #fcfaf6; stroke-width: 1.5; }
.pause { fill: none; stroke: #7d7666; stroke-width: 1.5; stroke-dasharray: 2 3; }
.end { fill: none; stroke: #7d7666; stroke-width: 1.5; }
.hold { fill: #a8527f; }
.bed { fill: #009e73; fill-opacity: .45; } .bedname { font-size: 11px; fill: #00543d; }
.bars { stroke-width: 1.6; fill: none; } .see { fill: #000; fill-opacity: 0; }
.see:hover { fill-opacity: .08; }
@media (prefers-color-scheme: dark) {
  .paper { fill: #1b1a18; } .ink { fill: #ece7dc; } .soft { fill: #aaa394; }
  .lane { fill: #24221f; } .rule { stroke: #4d483e; } .fine { stroke: #35322c; }
  .band0 { fill: #3b372f; } .band1 { fill: #2e2b26; }
  .speech { fill: #56b4e9; stroke: #56b4e9; } .other { stroke: #7b7566; }
  .bell { fill: #f0b429; stroke: #f0b429; } .wedge { fill: #e69f00; fill-opacity: .3; }
  .mark { stroke: #1b1a18; }
  .pause, .end { stroke: #a39c8c; } .hold { fill: #d98bb5; }
  .bed { fill: #2fbf95; fill-opacity: .4; } .bedname { fill: #a6ebd3; }
  .see:hover { fill: #fff; fill-opacity: .12; }
}
"""

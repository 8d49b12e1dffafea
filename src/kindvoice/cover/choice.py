"""Which picture a practice gets: by hand for the library's, by a rule for every other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from random import Random

from kindvoice.cover import nature, things
from kindvoice.cover.palettes import PALETTES, Palette
from kindvoice.cover.raster import Canvas

Motif = Callable[[Canvas, Palette, Random], None]

# What the practice is about, as one thing to look at; and a mood. No two practices have the same pair.
LIBRARY: dict[str, tuple[Motif, str]] = {
    "affectionate-breathing": (things.bloom, "rose"),
    "appreciating-yourself": (nature.tree, "honey"),
    "awakening-the-heart": (nature.sunrise, "dawn"),
    "breath-awareness": (things.breath, "mint"),
    "closing-a-course": (nature.gulls, "dusk"),
    "compassion-with-equanimity": (things.cairn, "lake"),
    "compassionate-body-scan": (nature.layers, "lavender"),
    "compassionate-friend": (things.hut, "forest"),
    "core-values": (nature.peak, "night"),
    "fierce-self-compassion-break": (things.fire, "ember"),
    "finding-your-phrases": (nature.sprout, "sage"),
    "giving-and-receiving-compassion": (things.loop, "teal"),
    "here-and-now-listening": (things.bowl, "sand"),
    "labelling-emotions": (nature.rainbow, "sky"),
    "letter-from-a-friend": (things.letter, "clay"),
    "loving-kindness": (nature.lotus, "teal"),
    "loving-kindness-loved-one": (nature.pair, "plum"),
    "mindful-walking": (nature.path, "sage"),
    "motivating-with-kindness": (things.boat, "sky"),
    "savouring-and-gratitude": (things.cup, "honey"),
    "self-compassion-break": (things.candle, "night"),
    "silver-linings": (nature.lining, "mist"),
    "soften-soothe-allow": (nature.waves, "mint"),
    "soles-of-the-feet": (things.footprints, "sand"),
    "soothing-touch": (things.hand, "dawn"),
}

# Words of a practice's id, most telling first. Whoever names practices in another language gets the rule below.
WORDS: tuple[tuple[str, Motif], ...] = (
    ("sleep", nature.moon), ("night", nature.moon), ("moon", nature.moon), ("evening", nature.moon),
    ("feet", things.footprints), ("walk", nature.path), ("path", nature.path), ("journey", nature.path),
    ("mountain", nature.peak), ("star", nature.peak), ("body", nature.layers),
    ("breath", things.breath), ("sound", things.bowl), ("listen", things.bowl), ("bell", things.bowl),
    ("sea", nature.waves), ("ocean", nature.waves), ("wave", nature.waves), ("river", nature.drop),
    ("lake", nature.drop), ("water", nature.drop), ("rain", nature.drop),
    ("tree", nature.tree), ("forest", nature.tree), ("garden", nature.sprout), ("seed", nature.sprout),
    ("flower", things.bloom), ("leaf", nature.leaf), ("letter", things.letter), ("tea", things.cup),
    ("gratitude", things.cup), ("equanimity", things.cairn), ("balance", things.cairn), ("stone", things.cairn),
    ("cloud", nature.lining), ("feelings", nature.rainbow), ("emotions", nature.rainbow),
    ("light", things.candle), ("candle", things.candle), ("fire", things.fire), ("courage", things.fire),
    ("home", things.hut), ("place", things.hut), ("heart", nature.sunrise), ("morning", nature.gulls),
    ("kindness", nature.lotus), ("lovingkindness", nature.lotus), ("metta", nature.lotus), ("love", nature.pair),
)  # fmt: skip

# Pictures that suit anything.
ANY: tuple[Motif, ...] = (
    nature.layers, nature.lotus, nature.sprout, nature.tree, nature.leaf, nature.moon, nature.drop, nature.waves,
    nature.gulls, nature.path, things.breath, things.bloom, things.cairn, things.boat, things.lamp, things.loop,
)  # fmt: skip

# Fires, stars and lamps are seen at night.
NIGHT = frozenset({things.candle, things.fire, things.hut, things.lamp, nature.moon, nature.peak})
# A bright sky is half of these.
DAY = frozenset({nature.lining, nature.tree})


def choose(practice: str) -> tuple[Motif, Palette, int]:
    """The motif, the colours and a seed for whatever is left to chance; the same for the same id, everywhere.

    The language plays no part: a practice is known by its picture in every language.
    """
    name = practice.strip().casefold()
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    seed = int.from_bytes(digest[:8], "big")
    if name in LIBRARY:
        motif, palette = LIBRARY[name]
        return motif, PALETTES[palette], seed
    words = frozenset(name.replace("_", "-").replace(" ", "-").split("-"))
    motif = next((motif for word, motif in WORDS if word in words), ANY[digest[8] % len(ANY)])
    moods = [p for p in PALETTES.values() if motif not in (DAY if p.dark else NIGHT)]
    return motif, moods[digest[9] % len(moods)], seed

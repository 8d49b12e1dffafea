"""One Piper voice in a process of its own, line after line, see `_worker`. Loading a voice takes one to two seconds, so
the process stays. piper-tts is GPL-3.0-or-later and is never loaded into kindvoice itself; what crosses the pipe is
text and sound.

    {"text", "speed", "speaker": number or null}  -> {"rate", "samples": base64 of float32, little-endian}
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any


def prepare(model: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return partial(speak, load(Path(model)))


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

"""Writes .safetensors files: an 8-byte header length, a JSON header, the tensors' bytes."""

import json
import struct
from pathlib import Path

import numpy as np

DTYPES = {"float32": "F32", "float64": "F64"}


def write(path: Path, metadata: dict, tensors: dict) -> None:
    """Same input, same bytes: names are sorted, the header has no spaces but its padding."""
    header = {"__metadata__": {k: metadata[k] for k in sorted(metadata)}}
    offset, blobs = 0, []
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name])
        blob = array.astype(array.dtype.newbyteorder("<")).tobytes()
        header[name] = {
            "dtype": DTYPES[array.dtype.name],
            "shape": list(np.shape(tensors[name])),
            "data_offsets": [offset, offset + len(blob)],
        }
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))

"""Writes .safetensors files: an 8-byte header length, a JSON header, the tensors' bytes."""

import json
import os
import struct
import zlib
from pathlib import Path

import numpy as np

DTYPES = {"float32": "F32", "float64": "F64", "int64": "I64", "uint8": "U8"}


def encode(metadata: dict, tensors: dict) -> bytes:
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
    return struct.pack("<Q", len(text)) + text + b"".join(blobs)


def encode_checked(metadata: dict, tensors: dict) -> bytes:
    """With the checksum of all bytes as metadata, computed with zeros in its place."""
    data = encode(metadata | {"crc32": "00000000"}, tensors)
    return data.replace(b'"crc32":"00000000"', b'"crc32":"%08x"' % zlib.crc32(data), 1)


def write(path: Path, metadata: dict, tensors: dict, encode=encode) -> None:
    """Replaces `path` when the whole file is there, so that no reader sees a part of it."""
    path = Path(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(encode(metadata, tensors))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

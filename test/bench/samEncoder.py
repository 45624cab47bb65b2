"""PyTorch's side of the encoders' benchmark: SAM's image encoder in the plane or in volumes, padded windows and all. Argument: sizes as JSON."""
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

sizes = json.loads(sys.argv[1])
axes, width, heads = sizes["axes"], sizes["width"], sizes["heads"]
grid = sizes["imageSide"] // sizes["patch"]
torch.set_num_threads(sizes["threads"])
Conv = nn.Conv2d if axes == 2 else nn.Conv3d


def relative(table, side):
    at = torch.arange(side)
    return table[at[:, None] - at[None, :] + side - 1]


class Attention(nn.Module):
    def __init__(self, side):
        super().__init__()
        self.side = side
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.tables = nn.ParameterList(nn.Parameter(0.02 * torch.randn(2 * side - 1, width // heads)) for _ in range(axes))

    def forward(self, x):
        batch, side = x.shape[0], self.side
        q, k, v = self.qkv(x).reshape(batch, -1, 3, heads, width // heads).permute(2, 0, 3, 1, 4).flatten(1, 2)
        scores = (q * (width // heads) ** -0.5) @ k.transpose(1, 2)
        r = [relative(table, side) for table in self.tables]
        q = q.reshape(-1, *[side] * axes, width // heads)
        seen = scores.view(-1, *[side] * 2 * axes)
        if axes == 2:
            seen = seen + torch.einsum("nhwc,hkc->nhwk", q, r[0])[..., None] + torch.einsum("nhwc,wkc->nhwk", q, r[1])[..., None, :]
        else:
            depth = torch.einsum("ndhwc,dkc->ndhwk", q, r[0])[..., None, None, :]
            height = torch.einsum("ndhac,hkc->ndhak", q, r[1])[:, :, :, None, :, None]
            across = torch.einsum("ndhbc,bkc->ndhbk", q, r[2])[:, :, :, None, None]
            seen = seen + depth + height + across
        y = seen.reshape(scores.shape).softmax(-1) @ v
        y = y.reshape(batch, heads, -1, width // heads).transpose(1, 2)
        return self.proj(y.reshape(x.shape))


class Block(nn.Module):
    def __init__(self, side):
        super().__init__()
        self.side = side
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attention = Attention(side)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        side, count = self.side, -(-grid // self.side)
        y = F.pad(self.norm1(x), (0, 0) + (0, count * side - grid) * axes)
        y = y.reshape(-1, *[count, side] * axes, width)
        apart = [0, *range(1, 2 * axes, 2), *range(2, 2 * axes + 1, 2), 2 * axes + 1]
        y = self.attention(y.permute(apart).reshape(-1, *[side] * axes, width))
        y = y.reshape(-1, *[count] * axes, *[side] * axes, width)
        y = y.permute(0, *[i for a in range(axes) for i in (1 + a, 1 + axes + a)], 2 * axes + 1)
        y = y.reshape(-1, *[count * side] * axes, width)
        x = x + y[(slice(None), *[slice(grid)] * axes)]
        return x + self.mlp(self.norm2(x))


class ChannelNorm(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        wide = sizes["promptWidth"]
        self.patches = Conv(1 if axes == 3 else 3, width, sizes["patch"], sizes["patch"])
        self.position = nn.Parameter(torch.zeros(1, *[grid] * axes, width))
        self.blocks = nn.ModuleList(Block(grid if i in sizes["globalBlocks"] else sizes["window"]) for i in range(sizes["depth"]))
        self.neck = nn.Sequential(
            Conv(width, wide, 1, bias=False), ChannelNorm(wide, eps=1e-6), Conv(wide, wide, 3, padding=1, bias=False), ChannelNorm(wide, eps=1e-6)
        )

    def forward(self, image):
        x = self.patches(image).movedim(1, -1) + self.position
        for block in self.blocks:
            x = block(x)
        return self.neck(x.movedim(-1, 1))


encoder = Encoder().eval()
image = torch.randn(1, 1 if axes == 3 else 3, *[sizes["imageSide"]] * axes)
best = {"clock": float("inf"), "processor": float("inf")}
with torch.no_grad():
    for _ in range(2):
        before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        encoder(image)
        after = resource.getrusage(resource.RUSAGE_SELF)
        best["clock"] = min(best["clock"], time.perf_counter() - start)
        best["processor"] = min(best["processor"], after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"encode": best, "peakBytes": peak}))

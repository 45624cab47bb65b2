"""PyTorch's side of the engine's benchmark: one training step and one forward pass of the same 3D U-Net. Arguments: width side classes."""
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

width, side, classes = map(int, sys.argv[1:4])
torch.set_num_threads(2)
widths = [width * m for m in (1, 2, 4, 8, 16)]


class Block(nn.Module):
    def __init__(self, before, after):
        super().__init__()
        self.one, self.two = nn.Conv3d(before, after, 3, padding=1), nn.Conv3d(after, after, 3, padding=1)
        self.norm = nn.InstanceNorm3d(after)

    def forward(self, x):
        for conv in (self.one, self.two):
            x = F.relu(self.norm(conv(x)), inplace=True)
        return x


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList(Block(2 if i == 0 else widths[i - 1], w) for i, w in enumerate(widths))
        self.up = nn.ModuleList(Block(widths[i] + widths[i + 1], widths[i]) for i in range(4))
        self.head = nn.Conv3d(widths[0], classes, 1)

    def forward(self, x):
        skips = []
        for i, block in enumerate(self.down):
            x = block(x if i == 0 else F.max_pool3d(x, 2))
            skips.append(x)
        x = skips.pop()
        for i in (3, 2, 1, 0):
            risen = F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=False)
            x = self.up[i](torch.cat([skips[i], risen], 1))
        return self.head(x)


net = UNet()
sgd = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
image = torch.randn(2, 2, side, side, side)
label = torch.randint(0, classes, (2, side, side, side))


def step():
    logits = net(image)
    p, y = logits.softmax(1), F.one_hot(label, classes).movedim(-1, 1).float()
    axes = (0, 2, 3, 4)
    dice = 1 - ((2 * (p * y).sum(axes) + 1e-5) / ((p * p).sum(axes) + (y * y).sum(axes) + 1e-5)).mean()
    loss = 0.5 * (F.cross_entropy(logits, label) + dice)
    sgd.zero_grad()
    loss.backward()
    sgd.step()


def forward():
    with torch.no_grad():
        net(image[:1]).softmax(1)


def fastest(work, times):
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return min(spent)


result = {"forward": fastest(forward, 7), "step": fastest(step, 7)}
result["peakBytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps(result))

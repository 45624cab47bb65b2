"""PyTorch's side of the engine's benchmark: a training step and a forward pass of the same network. Argument: the subject as JSON."""
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

subject = json.loads(sys.argv[1])
student, batch, patch = subject["student"], subject["batch"], subject["patch"]
axes, classes = len(patch), student["classes"]
torch.set_num_threads(subject["threads"])
Conv, Transposed, Instance, Batch = {
    2: (nn.Conv2d, nn.ConvTranspose2d, nn.InstanceNorm2d, nn.BatchNorm2d),
    3: (nn.Conv3d, nn.ConvTranspose3d, nn.InstanceNorm3d, nn.BatchNorm3d),
}[axes]
pool = {2: F.max_pool2d, 3: F.max_pool3d}[axes]


def unit(before, after, norm, kernel=3, stride=1, slope=0.0):
    padding = kernel // 2 if kernel % 2 else 0
    act = nn.LeakyReLU(slope, inplace=True) if slope else nn.ReLU(inplace=True)
    return nn.Sequential(Conv(before, after, kernel, stride, padding), norm(after), act)


def risen(before, after, norm):
    return nn.Sequential(Transposed(before, after, 2, 2), norm(after), nn.ReLU(inplace=True))


def stack(width, count, norm):
    return nn.Sequential(*(unit(width, width, norm) for _ in range(count)))


class UNet(nn.Module):
    """Skips concatenated; up by linear interpolation (3D) or by transposed convolution (2D)."""

    def __init__(self, widths, norm, slope, interpolates, head):
        super().__init__()
        pair = lambda a, b: nn.Sequential(unit(a, b, norm, slope=slope), unit(b, b, norm, slope=slope))
        self.interpolates = interpolates
        self.down = nn.ModuleList(pair(student["inChannels"] if i == 0 else widths[i - 1], w) for i, w in enumerate(widths))
        self.rise = nn.ModuleList(nn.Identity() if interpolates else Transposed(widths[i + 1], widths[i], 2, 2) for i in range(4))
        self.up = nn.ModuleList(pair(widths[i] + (widths[i + 1] if interpolates else widths[i]), widths[i]) for i in range(4))
        self.head = Conv(widths[0], classes, head, padding=head // 2)

    def forward(self, x):
        skips = []
        for i, block in enumerate(self.down):
            x = block(x if i == 0 else pool(x, 2))
            skips.append(x)
        x = skips.pop()
        for i in (3, 2, 1, 0):
            x = F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=False) if self.interpolates else self.rise[i](x)
            x = self.up[i](torch.cat([skips[i], x], 1))
        return self.head(x)


class VNet(nn.Module):
    """Skips added; strided convolutions down, transposed ones up."""

    def __init__(self, width, norm):
        super().__init__()
        widths = [width * m for m in (1, 2, 4, 8, 16)]
        self.first = unit(student["inChannels"], width, norm)
        self.steps = nn.ModuleList(unit(widths[i], widths[i + 1], norm, 2, 2) for i in range(4))
        self.down = nn.ModuleList(stack(widths[i + 1], count, norm) for i, count in enumerate((2, 3, 3, 3)))
        self.rise = nn.ModuleList(risen(widths[i + 1], widths[i], norm) for i in range(4))
        self.up = nn.ModuleList(stack(widths[i], count, norm) for i, count in enumerate((1, 2, 3, 3)))
        self.head = Conv(width, classes, 1)

    def forward(self, x):
        kept = [self.first(x)]
        for step, block in zip(self.steps, self.down):
            kept.append(block(step(kept[-1])))
        x = kept.pop()
        for i in (3, 2, 1, 0):
            x = self.up[i](self.rise[i](x) + kept[i])
        return self.head(x)


architectures = {
    "unet3d": lambda: UNet(student["widths"], Instance, 0.0, True, 1),
    "unet2d": lambda: UNet(student["widths"], Batch, 0.01, False, 3),
    "vnet": lambda: VNet(student["width"], Batch),
}
net = architectures[student["architecture"]]()
sgd = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
image = torch.randn(batch, student["inChannels"], *patch)
label = torch.randint(0, classes, (batch, *patch))


def step():
    net.train()
    logits = net(image)
    p, y = logits.softmax(1), F.one_hot(label, classes).movedim(-1, 1).float()
    over = (0, *range(2, 2 + axes))
    dice = 1 - ((2 * (p * y).sum(over) + 1e-5) / ((p * p).sum(over) + (y * y).sum(over) + 1e-5)).mean()
    loss = 0.5 * (F.cross_entropy(logits, label) + dice)
    sgd.zero_grad()
    loss.backward()
    sgd.step()


def forward():
    net.eval()
    with torch.no_grad():
        net(image[:1]).softmax(1)


def processor():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def fastest(work, times):
    best = {"clock": float("inf"), "processor": float("inf")}
    for _ in range(times):
        before, start = processor(), time.perf_counter()
        work()
        best["clock"] = min(best["clock"], time.perf_counter() - start)
        best["processor"] = min(best["processor"], processor() - before)
    return best


result = {"forward": fastest(forward, 5), "step": fastest(step, 4)}
result["peakBytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps(result))

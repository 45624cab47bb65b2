"""PyTorch's side of the comparison of trajectories: the same 3D U-Net, weights, batches and loss. Arguments: folder, settings as JSON; prints the losses."""
import json
import struct
import sys

import numpy
import torch
from torch import nn
from torch.nn import functional as F

folder, settings = sys.argv[1], json.loads(sys.argv[2])
torch.set_num_threads(1)
levels = ["conv1", "conv2", "conv3", "conv4", "center"]
rises = ["up_concat4", "up_concat3", "up_concat2", "up_concat1"]


def read(name):
    """Tensors of a safetensors file: eight bytes of length, a JSON table, numbers."""
    with open(f"{folder}/{name}.safetensors", "rb") as file:
        table = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        numbers = file.read()
    kinds = {"F32": numpy.float32, "U8": numpy.uint8}
    entries = {key: entry for key, entry in table.items() if key != "__metadata__"}
    return {
        key: torch.from_numpy(numpy.frombuffer(numbers[slice(*e["data_offsets"])], kinds[e["dtype"]]).reshape(e["shape"]).copy())
        for key, e in entries.items()
    }


class Net(nn.Module):
    """Holds the parameters under the names of the file and does with them what the network is meant to do."""

    def __init__(self, start):
        super().__init__()
        self.keys = list(start)
        self.values = nn.ParameterList(nn.Parameter(value) for value in start.values())

    def forward(self, x):
        weights = dict(zip(self.keys, self.values))

        def block(name, x):
            for conv in ("conv1", "conv2"):
                key = f"{name}.{conv}.0"
                x = F.relu(F.instance_norm(F.conv3d(x, weights[f"{key}.weight"], weights[f"{key}.bias"], padding=1)))
            return x

        skips = []
        for i, level in enumerate(levels):
            x = block(level, x if i == 0 else F.max_pool3d(x, 2))
            skips.append(x)
        x = skips.pop()
        for rise in rises:
            risen = F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=False)
            x = block(f"{rise}.conv", torch.cat([skips.pop(), risen], 1))
        return F.conv3d(x, weights["final.weight"], weights["final.bias"])


def loss_of(logits, label):
    p, y = logits.softmax(1), F.one_hot(label, settings["classes"]).movedim(-1, 1).float()
    axes = (0, 2, 3, 4)
    dice = 1 - ((2 * (p * y).sum(axes) + 1e-5) / ((p * p).sum(axes) + (y * y).sum(axes) + 1e-5)).mean()
    return 0.5 * (F.cross_entropy(logits, label) + dice)


net, batches = Net(read("start")), read("batches")
shared = {"lr": settings["rate"], "weight_decay": settings["weightDecay"]}
optimiser = (
    torch.optim.SGD(net.parameters(), momentum=settings["momentum"], **shared)
    if settings["optimiser"] == "sgd"
    else torch.optim.AdamW(net.parameters(), betas=(settings["beta1"], settings["beta2"]), eps=settings["epsilon"], **shared)
)
losses = []
for t in range(settings["steps"]):
    loss = loss_of(net(batches[f"image.{t}"]), batches[f"label.{t}"].long())
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    losses.append(loss.item())
print(json.dumps(losses))

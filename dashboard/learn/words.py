"""The texts of the page Learn, in Markdown."""

INTRODUCTION = """
FreeNAS (Miao Zhang, Steven Su, Shirui Pan, Xiaojun Chang, Wei Huang, Gholamreza Haffari, 2021) treats architecture
search as **pruning at initialisation**. A *supernet* holds every candidate operation on every connection (edge) of a
cell, untrained. FreeFlow scores all of them with one forward and one backward pass on an image of ones; the weakest are
pruned until one operation is left on each connection. There are no data, no labels and no training. The engine computes
every picture below: move it, prune it, and see where it fails.
"""
CONTENTS = """
[By hand](#by-hand) · [The score](#the-score) · [NAS-Bench-201](#the-same-on-nas-bench-201) ·
[Prune it yourself](#prune-it-yourself) · [Where it fails](#where-it-fails) · [Neighbours](#neighbours) ·
[Recipes](#recipes) · [Warnings](#traps-and-what-the-warnings-mean) · [Sources](#sources)
"""
MIXED_EDGE = (
    "A mixed connection is a plain weighted sum of its operations, α shared by all cells of a type, without softmax:"
)
MIXED_EDGE_FORMULA = r"$$o_e(x) = \sum_o \alpha_{e,o}\; o(x)$$"
SALIENCY = (
    "Every weight is replaced by its absolute value and the image holds ones. With $R$, the sum of the logits, the "
    "**saliency** of operation $o$ on connection $e$ and its **flow share** are"
)
SALIENCY_FORMULA = (
    r"$$\begin{gathered} S_{e,o} = \alpha_{e,o}\,\frac{\partial R}{\partial \alpha_{e,o}} \\[1ex] "
    r"F_{e,o} = \frac{S_{e,o}}{R} = \frac{\partial \log R}{\partial \log \alpha_{e,o}} \end{gathered}$$"
)
FLOW = """
Without normalisation $R$ is a sum of positive terms, one for every path from the image to the logits, and $F_{e,o}$ the
expected number of cells in which a unit of flow passes through $o$ on $e$.

$R$ grows exponentially with depth (log R is about 130 in NAS-Bench-201), so the engine divides the features by their
largest value after every cell and keeps its logarithm. Flow shares are then exact and finite at any depth.
"""
TOY = """
Node 0 holds 1. Connection A leads to node 1, B to node 2; each has a skip (×1) and a convolution, here a single weight.
Move the weights and α: every **path** from left to right is a product, R is their sum, and the **flow share** F of an
operation is the sum over the paths through it, S, divided by R. An α of 0 is what pruning does.
"""
SUPERNET_PICTURE = """
The same picture of a real supernet: 15 cells of NAS-Bench-201, 16 channels, all five operations on all six
connections, scored in the closed form, away from the image border. All cells share their α, so a flow share is the
expected number of *cells* in which a unit of flow passes through an operation.
"""
SUPERNET_READING = """
- **What flows in flows out.** Both sides of an inner node are equally high, and the connections into node 3 sum to 15,
  the number of cells.
- **Most takes the longest way.** A path over three connections is a product of three sums of weights.
- **The 3×3 convolution carries most**, on every connection: where the 1×1 one has one weight it has nine, each about a
  third as large, so their sum is three times as large.
- **Skip and pooling carry the same.** Away from the border a pooling passes a constant map unchanged.
- **`none` carries nothing**, so it is dashed.
- **The seed hardly matters.** Try some: the weights are others, the lines hardly move.
"""
PRUNE = """
Drop an operation, by a click on its line or its button, and the engine scores what is left. FreeNAS would drop the one
with the dashed button next, the least flow share over all connections; of equals, the first in the table. When one
operation a connection is left, your cell stands beside that of FreeNAS.
"""
FAILS = """
FreeFlow multiplies weights, so **flow grows with weights**, and the `synaptic` recipe answers NAS-Bench-201 with the
cell of 3×3 convolutions whatever the seed. Where accuracy follows size, as there, that looks good; where it does not,
as in DARTS, counting parameters does better. Bring a table of accuracies, in the header, and it is drawn here.
"""
ROUNDING = """
Every operation on every connection of DARTS, scored by the `released` recipe, which is what the authors' public code
does, with the same weights in 32-bit and in 64-bit precision. A score that means something is the same in both. These
are not: the true ones are 0, and what is ranked is rounding error (see [Rounding](#rounding)).
"""
NEIGHBOURS_MATTER = """
FreeNAS is one answer to one question of several. What others score or choose, and what they need for it:
"""
RECIPES_MATTER = "The recipe decides the outcome more than the seed does, so it stands beside every result."
RECIPE_TEXTS = (
    """
**`synaptic`**, the default

- batch norm bypassed, α = 1, pruned iteratively
- on NAS-Bench-201 it finds the cell of 3×3 convolutions only: 93.76 % on the CIFAR-10 test set after 200 epochs
  (NAS-Bench-201; rank 166 of 15,625)
- its scores hardly depend on the seed
""",
    """
**`released`**, what the authors' public code does

- batch norm in training mode on the one image, α = 10⁻³·|N(0, 1)| drawn from the seed, one-shot on |α·∂R/∂α|
- on NAS-Bench-201 it finds only convolutions, and which one depends on the noise in α
- on DARTS it means nothing (see [Rounding](#rounding))
""",
)
"""The recipes, side by side."""
PRUNING = """
Pruning is **one-shot** (every connection keeps its best operation) or **iterative** (the weakest operation over all
connections goes, the rest is scored again, until one is left on each). DARTS then keeps, for each node, its two
strongest connections.
"""
TRAPS = {
    "Rounding": """
With batch norm in training mode every feature map of one image has spatial mean 0. In DARTS every operation ends in
such a norm, so global pooling gives 0, the logits are the classifier's bias, and the true gradient of every α is 0.
What is left to rank is rounding error, and the genotype changes with the precision and the number of threads. Where a
score can cancel so, the engine repeats the search in 64-bit precision, with the same images: scores that follow the
precision mean nothing in either, and the result says so; where only the genotype is another, 64-bit precision has the
right one. Proxies whose 32-bit scores are known for that (SNIP, GraSP, gradient norm on images through deep
supernets) begin with 64 bits.
""",
    "Collapse": """
Every connection of a cell ends in a pooling or a skip, and the network has next to no weights. Batch norm in training
mode together with a constant α does this: on NAS-Bench-201 cells become poolings only (49.0 % on the CIFAR-10 test set
after 200 epochs) or skips only (54.3 %). It shows in 64-bit precision or in a smaller supernet, since the default one
leaves the range of 32-bit floats first (see [Overflow](#overflow)).
""",
    "Ties": """
Operations whose scores on a connection differ by less than 1 % tie; which of them is pruned first says nothing.
Without normalisation skip and poolings pass a constant map unchanged, so away from the image border their scores are
equal, and the zero padding of the convolutions is all that tells them apart. A tie matters only where the chosen
operation is one of the tied ones, and the warning says so.
""",
    "Overflow": """
With batch norm and α = 1 the features leave the range of 32-bit floats within few cells, those of NAS-Bench-201 at
its default size too; a search then ends with that message and no genotype. Take 64-bit precision, fewer cells, or the
bypass.
""",
    "Images and labels": """
FreeFlow needs neither: its image is all ones. Other proxies take a batch of images, and some its labels. Where none are
given the images are Gaussian noise and the labels random numbers, so the scores speak of the network and the noise, not
of a task. Take scikit-learn's digits, or your own images on the command line (`--images`), for those of a task.
""",
}
"""The traps by their headings, which make their anchors; `dashboard.parts.notices` leads to them."""
SOURCES = """
- Miao Zhang, Steven Su, Shirui Pan, Xiaojun Chang, Wei Huang, Gholamreza Haffari: *Differentiable Architecture Search
  Without Training Nor Labels: A Pruning Perspective*, 2021,
  [arXiv 2106.11542 v1](https://arxiv.org/abs/2106.11542v1) (FreeNAS, FreeFlow)
- Tanaka, Kunin, Yamins, Ganguli: *Pruning neural networks without any data by iteratively conserving synaptic flow*,
  NeurIPS 2020, [arXiv 2006.05467](https://arxiv.org/abs/2006.05467) (SynFlow, the conservation law)
- Dong, Yang: *NAS-Bench-201*, ICLR 2020, [arXiv 2001.00326](https://arxiv.org/abs/2001.00326) (space and accuracies)
- Liu, Simonyan, Yang: *DARTS: Differentiable Architecture Search*, ICLR 2019,
  [arXiv 1806.09055](https://arxiv.org/abs/1806.09055) (space, and the look of the cells)
"""

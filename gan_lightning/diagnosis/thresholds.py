"""The numbers from which on a diagnosis sees a fault. All thresholds are here.

They are this project's own. They tell the recorded runs of `tests/diagnosis/recorded` apart: some collapsed, one copied
its 32 training images, some are healthy. A finding is a suspicion, not a proof.
"""

ALIKE = 0.1
"""Share of pairs of samples that look alike, from which on a generator has collapsed to ten images or fewer."""
FEW_MODES = 0.5
"""Share of the modes of a toy mixture, below which missing ones count as collapse."""
FEW_CLASSES = 0.3
"""Share of the classes of the data, up to which the others being missing counts as collapse."""
LITTLE_COVERED = 0.5
"""Share of the recall or coverage of real images, below which parts of the data are missing."""
HARDLY_COVERED = 0.1
"""The same, below which the samples have collapsed."""
COPIED = 0.2
"""Share of samples that are nearer to a training image than 99 % of held-out images are."""
NEARER = 0.5
"""Ratio of distances to the nearest training image, samples by held-out images, below which samples are copies."""
FEWER_AUTHENTIC = 0.5
"""Share of the authenticity of held-out images, below which samples are copies."""
COPYING_Z = -3.0
"""z-score of distances to training images, below which samples are copies."""
BETTER_THAN_REAL = 0.8
"""Share of the distance of as many held-out real images, below which a score is too good to be true."""
SURE_OF_FAKES = -4.0
"""D's mean logit of samples, below which it takes fewer than 2 % of them for real. For logistic losses."""
LOSS_OF_WINNER = {"Hinge": 0.1, "LeastSquares": 0.02}
"""D's loss, below which it tells nearly all images apart. D's that guess have 2 and 0.25."""
LOGISTIC = ("NonSaturating", "Minimax")
SWING = 0.3
"""How far a score or a loss has to go up, or down, as a share of its median, to count as a swing."""
FEWEST_SWINGS = 4
AROUND_ZERO = ("kid", "fid_infinity", "class_kl", "copied", "ct", "gap")
"""Scores that chance alone moves up and down by more than that where samples are good, because their best is near 0."""
WINDOWS = 20
FEWEST_IN_WINDOW = 8
"""Of a loss, means over so many parts of its curve are looked at, fewer for a short curve; single values are noise."""
ERRORS = 2.5
"""Standard errors of these means that a swing has to exceed, too."""
WORSE_THAN_BEST = 1.5
"""A distance at the end by that at its best, from which on a run has become worse."""
STILL_IMPROVING = 0.9
"""The best distance of the last quarter by the best one before, below which a run was not finished."""

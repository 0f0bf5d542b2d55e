"""Says how good it is: ranking metrics, intervals, comparisons. Knows no encoder and no shelf."""

"""What a run leaves in its folder and who may write there, how it begins, is asked to end, and goes on."""

"""What a test of a logger leaves in its process."""

import sys

import pytest


@pytest.fixture(autouse=True)
def no_store_of_another_test():
    """Lightning's MLflow logger makes its store that of the whole process and of all which it starts."""
    yield
    if mlflow := sys.modules.get("mlflow"):
        mlflow.set_tracking_uri(None)

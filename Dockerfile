# `make demo` and all commands in a container, as a user without rights. docs/start.md shows how to build and run it.
FROM python:3.12-slim
# Where pip gets torch: PyTorch's own builds for the CPU. Empty: pip's usual index, whose builds bring CUDA along.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 gan
USER gan
WORKDIR /home/gan/gan_lightning

# Torch comes first, so that a change of the code does not fetch it again.
COPY --chown=gan:gan Makefile ./
RUN make .venv/bin/python && .venv/bin/python -m pip install --quiet torch torchvision ${TORCH_INDEX:+--index-url "$TORCH_INDEX"}
COPY --chown=gan:gan . .
RUN make .venv/.installed

ENV PATH=/home/gan/gan_lightning/.venv/bin:$PATH
CMD ["make", "demo"]

"""Networks that timm knows once this is imported: small relatives of DINOv2, which has no classifier, and of the tower
of CLIP, whose last layer is an embedding."""

from timm.models import VisionTransformer, build_model_with_cfg, generate_default_cfgs, register_model


def _facts(width: int) -> dict[str, object]:
    return {
        "url": "https://localhost/",  # which nobody asks
        "num_classes": width,
        "input_size": (3, 28, 28),
        "fixed_input_size": True,
        "interpolation": "bicubic",
        "mean": (0.4, 0.5, 0.6),
        "std": (0.1, 0.2, 0.3),
        "first_conv": "patch_embed.proj",
        "classifier": "head",
    }


default_cfgs = generate_default_cfgs({"tiny_dinov2.lvd142m": _facts(0), "tiny_clip.openai": _facts(6)})


@register_model
def tiny_dinov2(pretrained: bool = False, **settings: object) -> VisionTransformer:
    return _built("tiny_dinov2", pretrained, settings)


@register_model
def tiny_clip(pretrained: bool = False, **settings: object) -> VisionTransformer:
    return _built("tiny_clip", pretrained, settings)


def _built(variant: str, pretrained: bool, settings: dict[str, object]) -> VisionTransformer:
    shape = {"patch_size": 14, "embed_dim": 12, "depth": 1, "num_heads": 2}
    return build_model_with_cfg(VisionTransformer, variant, pretrained, **{**shape, **settings})

"""Options that users know from other programs, by group: a table of words and of what to type here instead."""

from gan_lightning.console.advice import Advice

OPTIONS = {
    "loss": (
        Advice("wgan w wassersteingan wass", ("model=wgan", "loss=wasserstein")),
        Advice("wgangp gp", ("model=wgan_gp", "loss=wasserstein penalty=gradient critic_norm=none")),
        Advice(
            "gan bce vanilla standard ns nsgan logistic softplus crossentropy original",
            ("loss=non_saturating", "loss=minimax"),
        ),
        Advice("mse l2 ls leastsquares", ("loss=lsgan",)),
        Advice("kl js pearson hellinger reversekl jensenshannon fgan", ("loss=f_gan/kl", "loss=f_gan/jensen_shannon")),
        Advice("rgan rsgan rpgan relativisticpairing r3gan", ("loss=relativistic",)),
        Advice("ragan rasgan", ("loss=relativistic_average",)),
        Advice(
            "l1 cycle perceptual lpips",
            ("model=pix2pix model.reconstruction.weight=100",),
            "that is a term of translation;",
        ),
        Advice("ebgan energy", ("model=ebgan",)),
    ),
    "model": (
        Advice("stylegan2ada styleganada ada", ("model=stylegan2_ada",)),
        Advice("stylegan3", ("model=stylegan2",), "it is not here; nearest is"),
        Advice("pggan progressivegan progressive", ("model=progan",)),
        Advice("biggandeep", ("model=biggan_deep",)),
        Advice("projection snganprojection", ("model=cgan_projection", "model=sngan conditioning=projection")),
        Advice("wgangp improvedwgan", ("model=wgan_gp",)),
        Advice("conditional conditionalgan", ("model=cgan", "model=cgan_projection")),
        Advice("nsgan vanilla minimax mlp", ("model=gan",)),
        Advice("rgan ragan relativistic r3gan", ("model=dcgan loss=relativistic",)),
        Advice("hinge", ("model=dcgan loss=hinge",)),
        Advice("pix2pixhd spade", ("model=pix2pix",), "it is not here; nearest is"),
        Advice("cut munit unit ugatit", ("model=cyclegan",), "it is not here; nearest is"),
        Advice("variational betavae", ("model=vae",)),
        Advice("ae wae", ("model=autoencoder",)),
        Advice("vaegan", ("model=vae_gan",)),
        Advice("bigbigan", ("model=bigan",), "it is not here; nearest is"),
        Advice("diffusion ddpm", ("model=dcgan",), "no diffusion model is here; the usual model is"),
    ),
    "dataset": (
        Advice(
            "custom own my images imagefolder photos pictures photographs data local",
            ("dataset=folder dataset.source.path=FOLDER",),
        ),
        Advice(
            "celebahq ffhq imagenet tinyimagenet coco lsun afhq cifar100 stl10 svhn anime flowers cats dogs",
            ("dataset=folder dataset.source.path=FOLDER",),
            "it is not brought along; with its pictures in a folder, say",
        ),
        Advice("cifar", ("dataset=cifar10",)),
        Advice("fashion", ("dataset=fashion_mnist",)),
        Advice(
            "horse2zebra monet2photo apple2orange summer2winter",
            ("model=cyclegan dataset=authors_unpaired dataset.source.path.name=horse2zebra",),
        ),
        Advice(
            "facades maps cityscapes edges2shoes edges2handbags",
            ("model=pix2pix dataset=authors_paired dataset.source.path.name=facades",),
        ),
        Advice("emoji emojis openmoji", ("model=pix2pix dataset=openmoji_outline",)),
        Advice("ring gaussians 8gaussians mixture", ("experiment=toy_ring",)),
        Advice("grid 25gaussians", ("experiment=toy_grid",)),
        Advice("random noise dummy", ("dataset=fake",)),
    ),
    "metrics": (
        Advice("inceptionscore fid50k fid50kfull", ("metrics=inception",)),
        Advice("off false no", ("metrics=none",)),
        Advice("psnr ssim l1 lpips", ("model=pix2pix metrics=paired",)),
    ),
    "logger": (
        Advice("wb weightsandbiases weightsbiases", ("logger=wandb",)),
        Advice("tb tensorboardx", ("logger=tensorboard",)),
        Advice("none off no", ("logger=csv",), "a table is always written; without more, say"),
    ),
    "trainer": (
        Advice("cpu", ("trainer=default trainer.accelerator=cpu",)),
        Advice("cuda", ("trainer=gpu",)),
        Advice("mps", ("trainer=default trainer.accelerator=mps",)),
        Advice("multigpu dp ddpgpu distributed fsdp deepspeed", ("trainer=ddp",)),
    ),
    "penalty": (
        Advice("gp wgangp gradientpenalty", ("penalty=gradient critic_norm=none",)),
        Advice("r1r2 r3gan", ("'penalty=[r1,r2]' critic_norm=none",)),
        Advice("ms msgan modeseeking", ("generator_penalty=mode_seeking",)),
        Advice("clip clipping weightclipping", ("constraint=weight_clipping",)),
        Advice("spectral sn spectralnorm", ("critic_norm=spectral",)),
    ),
    "augment": (Advice("flip mirror hflip", ("dataset.flip=true",)), Advice("diffaug diff", ("augment=diffaugment",))),
    "network": (Advice("patchgan", ("model=pix2pix network=unet",)),),
    "constraint": (
        Advice("spectral sn spectralnorm", ("critic_norm=spectral",)),
        Advice("clip", ("constraint=weight_clipping",)),
    ),
    "critic_norm": (Advice("sn spectralnorm", ("critic_norm=spectral",)), Advice("bn", ("critic_norm=batch",))),
}

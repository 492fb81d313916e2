"""Names that users of other programs type, and the settings that they stand for here.

Each entry leads to settings that exist, or says that there are none and what is nearest; a test composes all of them.
"""

import re
import shlex
from collections.abc import Collection
from typing import NamedTuple

NUMBER = r"\d+(?:\.\d*)?(?:e[+-]?\d+)?"


class Wish(NamedTuple):
    """Some words that mean the same.

    Attributes:
        words: as they are typed, in small letters and without - and _.
        settings: what to type instead, each as on a command line; alternatives are several.
        why: a clause before them.
    """

    words: str
    settings: tuple[str, ...]
    why: str = "say"


_TRAIN = (
    Wish("maxepochs epochs epoch numepochs nepochs nepoch", ("trainer.max_epochs=20", "max_images=200000")),
    Wish("maxsteps steps numsteps totalsteps trainsteps niter", ("max_generator_steps=20000",)),
    Wish("iterations maxiter iters numiterations maxiterations iteration", ("max_generator_steps=20000",)),
    Wish("nimg numimages", ("max_images=200000",)),
    Wish("kimg totalkimg", ("max_images=200000",), "images are counted one by one; say"),
    Wish("lr learningrate rate", ("model.optimisation.generator.lr=2e-4 model.optimisation.discriminator.lr=2e-4",)),
    Wish("lrg glr generatorlr lrgen lrgenerator", ("model.optimisation.generator.lr=2e-4",)),
    Wish("lrd dlr discriminatorlr lrdisc lrdiscriminator criticlr", ("model.optimisation.discriminator.lr=2e-4",)),
    Wish("beta1 b1 betas beta2 b2 adambeta1", ("'model.optimisation.generator.betas=[0.5,0.999]'",)),
    Wish("weightdecay wd", ("+model.optimisation.discriminator.weight_decay=1e-5",)),
    Wish("optimizer optim optimiser", ("model.optimisation.generator._target_=torch.optim.Adam",)),
    Wish(
        "scheduler lrscheduler schedule lrdecay",
        ("model.optimisation.schedule._target_=gan_lightning.models.LinearDecay",),
    ),
    Wish("batchsize batch bs trainbatchsize minibatchsize", ("dataset.batch_size=32",)),
    Wish("imagesize imgsize imsize size resolution res cropsize loadsize imgres", ("dataset.resolution=64",)),
    Wish("zdim nz latentdim latentsize noisedim zsize latent dimz", ("network.generator.latent_dim=128",)),
    Wish("ngf ndf width basechannels fmaps nf hiddendim channelbase", ("network.width=64",)),
    Wish("gpus gpu numgpus ngpu ngpus gpuids", ("trainer=gpu", "trainer=ddp devices=2")),
    Wish("device cuda cpu accelerator usecuda usegpu", ("trainer=gpu", "trainer.accelerator=cpu")),
    Wish(
        "workers numworkers nworkers ncpu dataloaderworkers",
        ("dataset=folder dataset.source.path=FOLDER dataset.num_workers=2",),
    ),
    Wish(
        "path data datapath dataroot root folder images imagedir imgdir datasetpath input source dir photos",
        ("dataset=folder dataset.source.path=FOLDER",),
    ),
    Wish("ncritic criticiters critics dsteps diters criticsteps", ("model.critic_steps=5",)),
    Wish("gpweight lambdagp gplambda gp gradientpenalty", ("penalty=gradient penalty.gradient.weight=10",)),
    Wish("gamma r1gamma r1", ("penalty=r1 penalty.r1.gamma=10",)),
    Wish("clipvalue clip weightclip clipping", ("constraint=weight_clipping constraint.weight_clipping.bound=0.01",)),
    Wish("gradclip gradientclipval clipgrad maxgradnorm gradientclip", ("model.optimisation.gradient_clip_norm=1",)),
    Wish("ema emadecay emabeta", ("model.optimisation.ema_decay=0.999",)),
    Wish("precision amp fp16 mixedprecision half bf16", ("trainer.precision=bf16-mixed",)),
    Wish(
        "output outdir outputdir savedir logdir resultsdir out rundir name runname experimentname expname",
        ("hydra.run.dir=FOLDER",),
    ),
    Wish("wandb usewandb", ("logger=wandb",)),
    Wish("tensorboard tb", ("logger=tensorboard",)),
    Wish("project wandbproject", ("logger=wandb logger.wandb.project=NAME",)),
    Wish("checkpoint ckpt load resumefrom continue ckptpath", ("resume=RUN",)),
    Wish("pretrained finetune finetuning initfrom warmstart transfer", ("init=RUN",)),
    Wish("saveevery saveinterval checkpointinterval snap savefreq", ("callbacks.newest.every=1000",)),
    Wish("sampleinterval sampleevery valinterval evalevery samplefreq", ("trainer.val_check_interval=500",)),
    Wish("loginterval logevery printfreq logfreq printevery", ("trainer.log_every_n_steps=50",)),
    Wish("numsamples nsamples samples gridsize", ("callbacks.samples.columns=8",)),
    Wish("flip mirror hflip randomflip horizontalflip", ("dataset.flip=true",)),
    Wish(
        "channels nc imgchannels colour color grayscale",
        ("dataset=folder dataset.source.path=FOLDER dataset.source.channels=1",),
    ),
    Wish("numclasses nclasses classes conditional cond", ("model=cgan",), "classes are those of the data; labels take"),
    Wish("label labels attribute", ("dataset.source.label=hair_color",)),
    Wish("lambdal1 l1weight", ("model=pix2pix model.reconstruction.weight=100",)),
    Wish("lambdacycle lambdacyc cycleweight lambdaa", ("model=cyclegan model.cycle.weight=10",)),
    Wish("lambdaidentity lambdaid lambdaidt", ("model=cyclegan model.identity=0.5",)),
    Wish("poolsize", ("model=cyclegan model.pool_size=50",)),
    Wish("direction", ("model=pix2pix dataset.direction=b2a",)),
    Wish(
        "accumulate accumulation gradaccum gradientaccumulation accumulategradbatches",
        ("model.optimisation.accumulate=2",),
    ),
    Wish("randomseed manualseed", ("seed=1",)),
    Wish("fid evalfid computefid", ("metrics=inception",)),
    Wish("numfid fidsamples numfake", ("metrics.num_fake=10000",)),
    Wish("labelsmoothing smoothing smooth", ("loss=non_saturating loss.real_target=0.9",)),
    Wish("spectralnorm sn usesn", ("critic_norm=spectral",)),
    Wish("ada aug augmentation diffaug diffaugment", ("augment=diffaugment", "augment=ada")),
    Wish("limittrainbatches", ("trainer.limit_train_batches=0.5",)),
    Wish("maxtime hours timelimit", ("+trainer.max_time={hours:1}",)),
    Wish("arch architecture net generator discriminator backbone", ("network=resnet",)),
    Wish("gan type method algorithm gantype", ("model=wgan_gp",)),
    Wish("criterion ganloss objective ganmode lossfn", ("loss=hinge",)),
)

_EVALUATE = (
    Wish("numsamples nsamples n samples num nfake numimages", ("num_fake=10000",)),
    Wish("ckpt model weights path run resume checkpointpath", ("checkpoint=RUN/checkpoints/best.ckpt",)),
    Wish("batchsize batch bs evaluationbatchsize", ("+dataset.evaluation_batch_size=64",)),
    Wish("fid", ("metrics=inception",)),
    Wish("split", ("+metrics.split=test",)),
    Wish("data datapath dataroot folder source", ("dataset=folder dataset.source.path=FOLDER",)),
    Wish("output outdir outputdir rundir", ("hydra.run.dir=FOLDER",)),
    Wish("gpus gpu numgpus", ("trainer=gpu",)),
)

_GENERATE = (
    Wish("numsamples nsamples samples num number count numimages nimages numfake", ("n=64",)),
    Wish("ckpt model weights run resume network checkpointpath", ("checkpoint=RUN/checkpoints/best.ckpt",)),
    Wish("label class classes classidx", ("'labels=[0,1]'",)),
    Wish("psi truncationpsi trunc truncate", ("truncation=0.7",)),
    Wish("seeds noiseseed randomseed", ("seed=1",)),
    Wish("input images path data inputdir folder dataset", ("source=FOLDER",)),
    Wish("out outdir outputdir savedir rundir", ("hydra.run.dir=FOLDER", "output=FOLDER")),
    Wish("rows nrow nrows ncols gridsize", ("columns=8",)),
    Wish("batchsize batch bs", ("n=64",), "there is none, all images are made together; say"),
)

OPTIONS = {
    "loss": (
        Wish("wgan w wassersteingan wass", ("model=wgan", "loss=wasserstein")),
        Wish("wgangp gp", ("model=wgan_gp", "loss=wasserstein penalty=gradient critic_norm=none")),
        Wish(
            "gan bce vanilla standard ns nsgan logistic softplus crossentropy original",
            ("loss=non_saturating", "loss=minimax"),
        ),
        Wish("mse l2 ls leastsquares", ("loss=lsgan",)),
        Wish("kl js pearson hellinger reversekl jensenshannon fgan", ("loss=f_gan/kl", "loss=f_gan/jensen_shannon")),
        Wish("rgan rsgan rpgan relativisticpairing r3gan", ("loss=relativistic",)),
        Wish("ragan rasgan", ("loss=relativistic_average",)),
        Wish(
            "l1 cycle perceptual lpips",
            ("model=pix2pix model.reconstruction.weight=100",),
            "that is a term of translation;",
        ),
        Wish("ebgan energy", ("model=ebgan",)),
    ),
    "model": (
        Wish(
            "stylegan stylegan2 stylegan3 stylegan2ada styleganada",
            ("model=dcgan augment=ada penalty=r1 critic_norm=none",),
            "no StyleGAN is here; nearest is",
        ),
        Wish("progan pggan progressivegan", ("model=wgan_gp",), "nothing grows here; nearest is"),
        Wish("biggan sagan sngan", ("model=cgan_projection",), "it is not here; nearest is"),
        Wish("wgangp improvedwgan", ("model=wgan_gp",)),
        Wish("conditional conditionalgan", ("model=cgan", "model=cgan_projection")),
        Wish("nsgan vanilla minimax mlp", ("model=gan",)),
        Wish("rgan ragan relativistic r3gan", ("model=dcgan loss=relativistic",)),
        Wish("hinge", ("model=dcgan loss=hinge",)),
        Wish("began", ("model=ebgan",), "it is not here; nearest is"),
        Wish("pix2pixhd spade", ("model=pix2pix",), "it is not here; nearest is"),
        Wish("cut munit unit stargan ugatit", ("model=cyclegan",), "it is not here; nearest is"),
        Wish("vae diffusion ddpm", ("model=dcgan",), "only adversarial models are here, as"),
        Wish("infogan", ("model=acgan",), "it is not here; nearest is"),
    ),
    "dataset": (
        Wish(
            "custom own my images imagefolder photos pictures photographs data local",
            ("dataset=folder dataset.source.path=FOLDER",),
        ),
        Wish(
            "celebahq ffhq imagenet lsun afhq cifar100 stl10 anime flowers cats",
            ("dataset=folder dataset.source.path=FOLDER",),
            "it is not brought along; with its pictures in a folder, say",
        ),
        Wish("cifar", ("dataset=cifar10",)),
        Wish("fashion", ("dataset=fashion_mnist",)),
        Wish(
            "horse2zebra monet2photo apple2orange summer2winter",
            ("model=cyclegan dataset=authors_unpaired dataset.source.path.name=horse2zebra",),
        ),
        Wish(
            "facades maps cityscapes edges2shoes edges2handbags",
            ("model=pix2pix dataset=authors_paired dataset.source.path.name=facades",),
        ),
        Wish("emoji emojis openmoji", ("model=pix2pix dataset=openmoji_outline",)),
        Wish("ring gaussians 8gaussians mixture", ("experiment=toy_ring",)),
        Wish("grid 25gaussians", ("experiment=toy_grid",)),
        Wish("random noise dummy", ("dataset=fake",)),
    ),
    "metrics": (
        Wish("fid is inceptionscore kid", ("metrics=inception",)),
        Wish("off false no", ("metrics=none",)),
        Wish("psnr ssim l1 lpips", ("model=pix2pix metrics=paired",)),
    ),
    "logger": (
        Wish("wb weightsandbiases weightsbiases", ("logger=wandb",)),
        Wish("tb tensorboardx", ("logger=tensorboard",)),
        Wish("none off no", ("logger=csv",), "a table is always written; without more, say"),
    ),
    "trainer": (
        Wish("cpu", ("trainer=default trainer.accelerator=cpu",)),
        Wish("cuda", ("trainer=gpu",)),
        Wish("multigpu dp ddpgpu distributed fsdp deepspeed", ("trainer=ddp",)),
    ),
    "penalty": (
        Wish("gp wgangp gradientpenalty", ("penalty=gradient critic_norm=none",)),
        Wish("r1r2 r3gan", ("'penalty=[r1,r2]' critic_norm=none",)),
        Wish("clip clipping weightclipping", ("constraint=weight_clipping",)),
        Wish("spectral sn spectralnorm", ("critic_norm=spectral",)),
    ),
    "augment": (Wish("flip mirror hflip", ("dataset.flip=true",)), Wish("diffaug diff", ("augment=diffaugment",))),
    "network": (
        Wish("stylegan stylegan2 biggan sagan", ("network=resnet",), "it is not here; nearest is"),
        Wish("patchgan", ("model=pix2pix network=unet",)),
    ),
    "constraint": (
        Wish("spectral sn spectralnorm", ("critic_norm=spectral",)),
        Wish("clip", ("constraint=weight_clipping",)),
    ),
    "critic_norm": (Wish("sn spectralnorm", ("critic_norm=spectral",)), Wish("bn", ("critic_norm=batch",))),
}

COMMANDS = {"train": _TRAIN, "evaluate": _EVALUATE, "generate": _GENERATE}


def setting(command: str, name: str) -> Wish | None:
    """What a word means that is no setting of a command: `train`, `evaluate` or `generate`."""
    return _found(name, COMMANDS[command])


def option(group: str, name: str) -> Wish | None:
    """What a word means that is no option of a group."""
    return _found(name, OPTIONS.get(group, ()))


def repeated(wish: Wish, value: str, given: Collection[str]) -> Wish:
    """A wish whose first alternative has the value that was typed, and nothing that was typed already.

    Args:
        wish: one that says the same in other words; others measure in other units and stay as they are.
        value: what was typed after the word.
        given: names of the settings on the command line.
    """
    words = [word for word in wish.settings[0].split() if word.partition("=")[0] not in given]
    if wish.why != Wish._field_defaults["why"] or not words:
        return wish
    if re.fullmatch(NUMBER, value):
        words = [re.sub(f"={NUMBER}$", f"={value}", word) for word in words]
    elif value:
        words = [re.sub("=(FOLDER|RUN|NAME)$", lambda _: f"={shlex.quote(value)}", word) for word in words]
    return wish._replace(settings=(" ".join(words), *wish.settings[1:]))


def everything() -> list[tuple[str, Wish]]:
    """All wishes, each with the command that it is of."""
    options = [("train", wish) for wishes in OPTIONS.values() for wish in wishes]
    return options + [(command, wish) for command, wishes in COMMANDS.items() for wish in wishes]


def plain(word: str) -> str:
    """A word without what people spell differently: capitals, - and _."""
    return word.lower().replace("_", "").replace("-", "")


def _found(name: str, wishes: tuple[Wish, ...]) -> Wish | None:
    return next((wish for wish in wishes if plain(name) in wish.words.split()), None)

"""Names that users know from other programs, and the settings to type here instead.

Each entry leads to settings that exist, or says that there are none and what is nearest; a test composes all of them.
"""

import re
from collections.abc import Mapping

from gan_lightning import shell
from gan_lightning.console.advice import Advice
from gan_lightning.console.known_options import OPTIONS

NUMBER = r"\d+(?:\.\d*)?(?:e[+-]?\d+)?"

_TRAIN = (
    Advice("maxepochs epochs epoch numepochs nepochs nepoch", ("trainer.max_epochs=20", "max_images=200000")),
    Advice("maxsteps steps numsteps totalsteps trainsteps niter", ("max_generator_steps=20000",)),
    Advice("iterations maxiter iters numiterations maxiterations iteration", ("max_generator_steps=20000",)),
    Advice("nimg numimages", ("max_images=200000",)),
    Advice("kimg totalkimg", ("max_images=200000",), "images are counted one by one; say"),
    Advice("lr learningrate rate", ("lr=2e-4",)),
    Advice("lrg glr lrgen lrgenerator", ("generator_lr=2e-4",)),
    Advice("lrd dlr lrdisc lrdiscriminator criticlr", ("discriminator_lr=2e-4",)),
    Advice("beta1 b1 betas beta2 b2 adambeta1", ("'model.optimisation.generator.betas=[0.5,0.999]'",)),
    Advice("weightdecay wd", ("+model.optimisation.discriminator.weight_decay=1e-5",)),
    Advice("optimizer optim optimiser", ("model.optimisation.generator._target_=torch.optim.Adam",)),
    Advice(
        "scheduler lrscheduler schedule lrdecay",
        ("model.optimisation.schedule._target_=gan_lightning.models.LinearDecay",),
    ),
    Advice("batchsize batch bs trainbatchsize minibatchsize", ("dataset.batch_size=32",)),
    Advice("imagesize imgsize imsize size resolution res cropsize loadsize imgres", ("dataset.resolution=64",)),
    Advice("zdim nz latentdim latentsize noisedim zsize latent dimz", ("network.generator.latent_dim=128",)),
    Advice("ngf ndf width basechannels fmaps nf hiddendim channelbase dim convdim", ("network.width=64",)),
    Advice("gpus gpu numgpus ngpu ngpus gpuids", ("trainer=gpu", "trainer=ddp devices=2")),
    Advice("device cuda cpu accelerator usecuda usegpu", ("trainer=gpu", "trainer.accelerator=cpu")),
    Advice("workers numworkers nworkers ncpu dataloaderworkers", ("++dataset.num_workers=2",)),
    Advice(
        "path data datapath dataroot root folder images imagedir imgdir datasetpath input source dir photos",
        ("dataset=folder dataset.source.path=FOLDER",),
    ),
    Advice("ncritic criticiters critics dsteps diters criticsteps dupdatesperstep", ("model.critic_steps=5",)),
    Advice(
        "gpweight lambdagp gplambda gp gradientpenalty",
        ("penalty=gradient penalty.gradient.weight=10 critic_norm=none",),
    ),
    Advice("gamma r1gamma r1", ("penalty=r1 penalty.r1.gamma=10 critic_norm=none",)),
    Advice("clipvalue clip weightclip clipping", ("constraint=weight_clipping constraint.weight_clipping.bound=0.01",)),
    Advice("gradclip gradientclipval clipgrad maxgradnorm gradientclip", ("model.optimisation.gradient_clip_norm=1",)),
    Advice("ema emadecay emabeta", ("model.optimisation.ema_decay=0.999",)),
    Advice("precision amp fp16 mixedprecision half bf16", ("trainer.precision=bf16-mixed",)),
    Advice(
        "output outdir outputdir savedir logdir resultsdir out rundir name runname experimentname expname",
        ("hydra.run.dir=FOLDER",),
    ),
    Advice("wandb usewandb", ("logger=wandb",)),
    Advice("tensorboard tb", ("logger=tensorboard",)),
    Advice("project wandbproject", ("logger=wandb logger.wandb.project=NAME",)),
    Advice("checkpoint ckpt load resumefrom continue continuetrain resumetraining ckptpath", ("resume=RUN",)),
    Advice("pretrained pretrainedmodel finetune finetuning initfrom warmstart transfer", ("init=RUN",)),
    Advice(
        "saveevery saveinterval checkpointinterval checkpointevery snap savefreq saveepochfreq",
        ("callbacks.newest.every=1000",),
    ),
    Advice(
        "sampleinterval sampleevery valinterval evalevery evalinterval samplefreq", ("trainer.val_check_interval=500",)
    ),
    Advice("loginterval logevery printfreq logfreq printevery", ("trainer.log_every_n_steps=50",)),
    Advice("numsamples nsamples samples gridsize", ("callbacks.samples.columns=8",)),
    Advice("flip mirror hflip randomflip horizontalflip", ("dataset.flip=true",)),
    Advice(
        "channels nc imgchannels colour color grayscale",
        ("dataset=folder dataset.source.path=FOLDER dataset.source.channels=1",),
    ),
    Advice(
        "numclasses nclasses classes conditional cond", ("model=cgan",), "classes are those of the data; labels take"
    ),
    Advice("label labels attribute", ("dataset.source.label=hair_color",)),
    Advice("lambdal1 l1weight", ("model=pix2pix model.reconstruction.weight=100",)),
    Advice("lambdacycle lambdacyc cycleweight lambdaa", ("model=cyclegan model.cycle.weight=10",)),
    Advice("lambdaidentity lambdaid lambdaidt", ("model=cyclegan model.identity=0.5",)),
    Advice("poolsize", ("model=cyclegan model.pool_size=50",)),
    Advice("direction", ("model=pix2pix dataset.direction=b2a",)),
    Advice(
        "accumulate accumulation gradaccum gradientaccumulation gradientaccumulationsteps accumulategradbatches",
        ("model.optimisation.accumulate=2",),
    ),
    Advice("randomseed manualseed", ("seed=1",)),
    Advice("fid evalfid computefid", ("metrics=inception",)),
    Advice("numfid fidsamples numfake", ("num_fake=10000",)),
    Advice("labelsmoothing smoothing smooth", ("loss=non_saturating loss.real_target=0.9",)),
    Advice("spectralnorm sn usesn", ("critic_norm=spectral",)),
    Advice("ada aug augmentation diffaug diffaugment", ("augment=diffaugment", "augment=ada")),
    Advice("cudagraph cudagraphs usecudagraphs", ("capture=false",)),
    Advice("limittrainbatches", ("trainer.limit_train_batches=0.5",)),
    Advice("deterministic", ("+trainer.deterministic=true",)),
    Advice("strategy", ("trainer=ddp", "trainer=ddp_cpu")),
    Advice("nocuda cpuonly", ("trainer.accelerator=cpu",)),
    Advice(
        "nepochsdecay niterdecay decayepoch lrpolicy",
        ("model.optimisation.schedule._target_=gan_lightning.models.LinearDecay",),
    ),
    Advice("norm normalization usebn", ("critic_norm=instance",)),
    Advice("ttur", ("discriminator_lr=4e-4 generator_lr=1e-4",)),
    Advice("applygp", ("penalty=gradient critic_norm=none",)),
    Advice("applycr consistency", ("penalty=consistency",)),
    Advice("debug fastdevrun smoketest", ("dataset=fake max_generator_steps=2 metrics=none",), "a run of seconds:"),
    Advice(
        "netg netd",
        ("model=pix2pix network=unet", "model=cyclegan network=translator"),
        "one option chooses both networks:",
    ),
    Advice(
        "preprocess crop resize",
        ("dataset=folder dataset.source.path=FOLDER",),
        "pictures are cut to a square and resized by themselves; say",
    ),
    Advice(
        "inittype weightinit initializer",
        ("init=RUN",),
        "networks begin as their papers say; to begin with the weights of a run,",
    ),
    Advice("maxtime hours timelimit maxhours walltime", ("max_time=00:01:00:00",)),
    Advice("arch architecture net generator discriminator backbone", ("network=resnet",)),
    Advice("gan type method algorithm gantype", ("model=wgan_gp",)),
    Advice("criterion ganloss objective ganmode lossfn", ("loss=hinge",)),
)

_EVALUATE = (
    Advice("numsamples nsamples n samples num nfake numimages", ("num_fake=10000",)),
    Advice("ckpt model weights path run resume checkpointpath", ("checkpoint=RUN",)),
    Advice("batchsize batch bs evaluationbatchsize", ("++dataset.evaluation_batch_size=64",)),
    Advice("fid", ("metrics=inception",)),
    Advice("split", ("++metrics.split=test",)),
    Advice("data datapath dataroot folder source", ("dataset=folder dataset.source.path=FOLDER",)),
    Advice("output outdir outputdir rundir", ("hydra.run.dir=FOLDER",)),
    Advice("gpus gpu numgpus", ("trainer=gpu",)),
)

_GENERATE = (
    Advice("numsamples nsamples samples num number count numimages nimages numfake", ("n=64",)),
    Advice("ckpt model weights run resume network checkpointpath", ("checkpoint=RUN",)),
    Advice("label class classes classidx", ("'labels=[0,1]'",)),
    Advice("psi truncationpsi trunc truncate", ("truncation=0.7",)),
    Advice("seeds noiseseed randomseed", ("seed=1",)),
    Advice("input images path data inputdir folder dataset", ("source=FOLDER",)),
    Advice("out outdir outputdir savedir rundir", ("hydra.run.dir=FOLDER", "output=FOLDER")),
    Advice("rows nrow nrows ncols gridsize", ("columns=8",)),
    Advice("batchsize batch bs", ("n=64",), "all images are made together; say"),
)

_EXPORT = (
    Advice("ckpt model weights run resume network checkpointpath", ("checkpoint=RUN",)),
    Advice("out outdir outputdir savedir folder dir path", ("output=FOLDER",)),
    Advice("to type kind backend target", ("format=onnx",)),
    Advice("license", ("licence=cc-by-4.0",)),
)

_DEMO = (
    Advice("ckpt model weights path run checkpointpath", ("checkpoint=RUN",)),
    Advice("address servername ip", ("host=0.0.0.0",)),
    Advice("serverport", ("port=8000",)),
)

COMMANDS = {"train": _TRAIN, "evaluate": _EVALUATE, "generate": _GENERATE, "export": _EXPORT, "demo": _DEMO}


def setting(command: str, name: str) -> Advice | None:
    """Advice for a word that is not a setting of a command: `train`, `evaluate`, `generate` or `export`."""
    return _found(name, COMMANDS[command])


def option(group: str, name: str) -> Advice | None:
    """Advice for a word that is not an option of a group."""
    return _found(name, OPTIONS.get(group, ()))


def repeated(advice: Advice, value: str, given: Mapping[str, str]) -> Advice:
    """Advice whose first alternative has the value that was typed, and nothing that was typed already.

    Args:
        advice: changed only if its settings mean the same as the word; others count in other units.
        value: what was typed after the word.
        given: the settings on the command line, by name. An option of a group that was given otherwise stays in the
            advice, because the settings after it may exist with that option only.
    """
    words = []
    for word in advice.settings[0].split():
        name, _, option = word.partition("=")
        if name not in given or ("." not in name and given[name] != option):
            words.append(word)
    if advice.why != Advice._field_defaults["why"] or not words:
        return advice
    if re.fullmatch(NUMBER, value):
        words = [re.sub(f"={NUMBER}$", f"={value}", word) for word in words]
    elif value:
        named = ("=FOLDER", "=RUN", "=NAME")
        words = [shell.word(f"{word.partition('=')[0]}={value}") if word.endswith(named) else word for word in words]
    return advice._replace(settings=(" ".join(words), *advice.settings[1:]))


def everything() -> list[tuple[str, Advice]]:
    """All entries, each with the command that it is for."""
    options = [("train", advice) for table in OPTIONS.values() for advice in table]
    return options + [(command, advice) for command, table in COMMANDS.items() for advice in table]


def plain(word: str) -> str:
    """A word without what people spell differently: capitals, - and _."""
    return word.lower().replace("_", "").replace("-", "")


def _found(name: str, table: tuple[Advice, ...]) -> Advice | None:
    return next((advice for advice in table if plain(name) in advice.words.split()), None)

"""duomo train ads: a predictor of click rates from a shop's own tests."""

from pathlib import Path
from typing import Annotated

import typer

from duomo.cli.goods import Images, Map, columns_of
from duomo.cli.main import AsJson, ShopDir, settings_for, speaking
from duomo.cli.show import console, progress, show_json, show_problems
from duomo.cli.training import train
from duomo.guard.archives import Limits


@train.command("ads")
def ads_command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Creatives and how they did, as duomo read ads takes it.")
    ],
    shop: ShopDir,
    mapping: Map = None,
    images: Images = None,
    as_json: AsJson = False,
) -> None:
    """Learn from a shop's own tests how new creatives will do; no better than a coin is refused."""
    with speaking(as_json):
        settings = settings_for(shop)
        from duomo.shelf.manifest import Manifest
        from duomo.understand.ads_file import read_ads
        from duomo.understand.ads_fitting import fit_ads
        from duomo.understand.ads_pictures import AdPictures
        from duomo.understand.ads_predict import FOLDER

        Manifest.load(shop)  # first: nothing is learned for a shop that is not there
        with progress(as_json):
            ads = read_ads(file, mapping=columns_of(mapping), limits=Limits.of(settings))
            picture = AdPictures(
                images or file.parent, megapixels=settings.picture_megapixels, picture_mb=settings.picture_mb
            )
            head = fit_ads(ads, picture=picture)
            head.save(shop / FOLDER)
        card = head.card
        if as_json:
            problems = [problem.as_dict() for problem in ads.problems]
            show_json({"head": str(shop / FOLDER), **card.counts, **card.figures, "problems": problems})
            return
        console.print(
            f"Learned from {card.counts['creatives']:,} creatives of {card.counts['tests']:,} tests. "
            f"On tests left out it names the winner of {card.figures['won']:.0%} of "
            f"{card.figures['pairs']:,} clear pairs; written to {shop / FOLDER}",
            markup=False,
            soft_wrap=True,
        )
        show_problems(ads.problems, str(file))

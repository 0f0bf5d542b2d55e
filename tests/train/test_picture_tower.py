import torch

from duomo.train.towers.picture import CLASSES, FEATURES, SIDE, Convolution, PictureTower


def test_bytes_of_pictures_give_features_and_scores() -> None:
    tower = PictureTower().eval()
    pixels = torch.randint(0, 256, (2, SIDE, SIDE, 3), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        features, scores = tower(pixels.to(torch.uint8))
        alone, _ = tower(pixels[1:].to(torch.uint8))
    assert features.shape == (2, FEATURES)
    assert scores.shape == (2, CLASSES)
    assert features.min() >= 0
    assert features.max() <= 6
    torch.testing.assert_close(features[1:], alone)


def test_an_even_picture_is_padded_at_its_far_edges_when_it_is_halved() -> None:
    halve = Convolution(1, 1, kernel=3, stride=2, bends=False).eval()
    torch.nn.init.constant_(halve.conv.weight, 1.0)
    with torch.no_grad():
        summed = halve(torch.ones(1, 1, 4, 4)) * (1 + 1e-3) ** 0.5
    torch.testing.assert_close(summed[0, 0], torch.tensor([[9.0, 6.0], [6.0, 4.0]]))


def test_it_has_as_many_numbers_as_the_paper_says() -> None:
    assert sum(weight.numel() for weight in PictureTower().parameters()) == 4_652_008

import torch

from duomo.train.towers.picture import CLASSES, FEATURES, SEEN, SIDE, WIDTH, Convolution, PictureTower


def test_bytes_of_pictures_give_what_is_seen_and_scores() -> None:
    tower = PictureTower().eval()
    pixels = torch.randint(0, 256, (2, SIDE, SIDE, 3), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        seen, scores = tower(pixels.to(torch.uint8))
        alone, _ = tower(pixels[1:].to(torch.uint8))
    assert seen.shape == (2, SEEN)
    assert scores.shape == (2, CLASSES)
    assert seen[:, :FEATURES].min() >= 0
    assert seen[:, :FEATURES].max() <= 6
    torch.testing.assert_close(seen[1:], alone)


def test_quarters_tell_where_something_is() -> None:
    torch.manual_seed(0)
    tower = PictureTower().eval()
    pixels = torch.full((3, SIDE, SIDE, 3), 255, dtype=torch.uint8)
    pixels[1, :80, :80] = 0  # at the top left
    pixels[2, -80:, -80:] = 0  # at the bottom right
    with torch.no_grad():
        white, top, bottom = tower(pixels)[0][:, FEATURES:].reshape(3, WIDTH, 4)
    assert (top - white).abs().sum(dim=0).argmax() == 0
    assert (bottom - white).abs().sum(dim=0).argmax() == 3


def test_an_even_picture_is_padded_at_its_far_edges_when_it_is_halved() -> None:
    halve = Convolution(1, 1, kernel=3, stride=2, bends=False).eval()
    torch.nn.init.constant_(halve.conv.weight, 1.0)
    with torch.no_grad():
        summed = halve(torch.ones(1, 1, 4, 4)) * (1 + 1e-3) ** 0.5
    torch.testing.assert_close(summed[0, 0], torch.tensor([[9.0, 6.0], [6.0, 4.0]]))


def test_it_has_as_many_numbers_as_the_paper_says() -> None:
    assert sum(weight.numel() for weight in PictureTower().parameters()) == 4_652_008

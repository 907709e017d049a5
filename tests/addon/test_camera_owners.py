"""Of cameras of one name the right one is prepared; what cannot be changed here is said."""

import pytest


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("camera_owners.py", tmp_path_factory.mktemp("camera_owners"))


def test_the_cameras_have_one_name(result):
    assert len(set(result["names"])) == 1


def test_a_linked_camera_is_left_alone_and_so_is_its_namesake(result):
    ends, said = result["linked"]
    assert ends == {"linked": 5.0, "local": 5.0}
    assert said == [
        "Clip End of Camera stays as it is: it is linked from another file. Change it there, or "
        "make it local."
    ]


def test_the_local_one_is_changed_when_it_is_the_scenes(result):
    ends, said = result["local"]
    assert ends["local"] > 5.0
    assert ends["linked"] == 5.0
    assert said == []
    assert result["restored"] == {"linked": 5.0, "local": 5.0}


def test_an_overridden_camera_is_left_alone_and_that_is_said(result):
    end, local, said = result["overridden"]
    assert (end, local) == (5.0, 5.0)
    assert len(said) == 1
    assert "overrides" in said[0]


def test_an_instance_elsewhere_is_said(result):
    assert result["in_place"] == []
    (said,) = result["elsewhere"]
    assert said.startswith("Copy shows a Livescape elsewhere, as an instance of Place")


def test_what_was_made_is_selected_alone(result):
    assert result["selected"] == [result["active"]] == ["Livescape"]

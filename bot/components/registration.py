"""Registers our components with Rasa's recipe only where a recipe is read: in training.

Importing the recipe to decorate a class would import every component Rasa ships, TensorFlow included, into a server
that uses none of them. The recipe imports this package itself when config.yml names a class of it, so it is loaded by
then wherever registration matters.
"""

import sys
from typing import Callable, Type, TypeVar

Component = TypeVar("Component", bound=type)


def register(kind: str, *, is_trainable: bool) -> Callable[[Component], Component]:
    """`kind` is the name of a `DefaultV1Recipe.ComponentType`."""

    def decorate(component: Component) -> Component:
        module = sys.modules.get("rasa.engine.recipes.default_recipe")
        if module is None or not hasattr(module, "DefaultV1Recipe"):
            return component
        recipe: Type = module.DefaultV1Recipe
        return recipe.register(recipe.ComponentType[kind], is_trainable=is_trainable)(component)

    return decorate

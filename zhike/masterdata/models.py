from django.db import models


class Region(models.Model):
    code = models.CharField(max_length=6, primary_key=True)
    name = models.CharField(max_length=60)

    KIND = "region"

    def __str__(self) -> str:
        return self.name

# The public names, one block an owner module; read at run time by lazy_loader.

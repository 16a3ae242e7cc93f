import resource

soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
print(soft == hard or soft != hard)
resource.setrlimit(resource.RLIMIT_NPROC, (50, 60))
print(resource.getrlimit(resource.RLIMIT_NPROC))
try:
    resource.setrlimit(resource.RLIMIT_NPROC, (70, 60))
except ValueError as error:
    print(error)

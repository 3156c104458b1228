"""The doors on the local machine: gRPC for Services and 2018 Applications, HTTP for everybody else."""

namespace ScaleKit.Redis.Tests;

/// <summary>Tests that measure what the whole process allocates: no other runs beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

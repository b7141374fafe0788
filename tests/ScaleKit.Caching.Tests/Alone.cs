namespace ScaleKit.Caching.Tests;

/// <summary>Tests that measure what calls allocate: no other runs beside them, whose listeners would allocate on these threads until their code is compiled well.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

namespace ScaleKit.Caching;

/// <summary>The outcome of <see cref="TwoLevelCache.TryGetAsync{T}"/>: tells a cached <see langword="null"/> from nothing.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <param name="IsFound">Whether a live value was in one of the two levels.</param>
/// <param name="Value">The value; <see langword="default"/> where <paramref name="IsFound"/> is <see langword="false"/>.</param>
public readonly record struct CacheLookup<T>(bool IsFound, T? Value);

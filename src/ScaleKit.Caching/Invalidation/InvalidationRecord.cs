namespace ScaleKit.Caching;

/// <summary>An invalidation at its place in the log.</summary>
/// <param name="Position">Its epoch and its number.</param>
/// <param name="Invalidation">What it made void: everything cached with a version below <see cref="InvalidationPosition.Sequence"/> of <paramref name="Position"/>.</param>
/// <param name="PreviousLink">The <see cref="InvalidationPosition.Link"/> of the record before it.</param>
public readonly record struct InvalidationRecord(InvalidationPosition Position, Invalidation Invalidation, long PreviousLink = 0);

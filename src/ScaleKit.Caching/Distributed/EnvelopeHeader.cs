namespace ScaleKit.Caching;

/// <summary>What the distributed level knows of a value beside its bytes.</summary>
/// <param name="Position">The place in the invalidation log that the writer had reached when the value was made: its version.</param>
/// <param name="CreatedAt">When it was made, by the writer's wall clock; serves to compute the rest of its lifetime and nothing else.</param>
/// <param name="Lifetime">How long it lives.</param>
/// <param name="ClearMark">The store's <see cref="ScaleKit.Caching.ClearMark"/> when the value was made.</param>
/// <param name="IsNull">Whether the value is null; then there are no bytes.</param>
internal readonly record struct EnvelopeHeader(InvalidationPosition Position, DateTimeOffset CreatedAt, TimeSpan Lifetime, long ClearMark, bool IsNull)
{
    /// <summary>How long the factory took, to within 5 %; zero where that is not known.</summary>
    public TimeSpan FactoryTime { get; init; }

    /// <summary>The length of the payload before it was compressed; 0 where it was not.</summary>
    public int UncompressedLength { get; init; }
}

using System.Runtime.InteropServices;

namespace ScaleKit.Caching;

/// <summary>
/// A place in an invalidation log. Sequences of one epoch are ordered; sequences of different epochs have nothing to do with each other, because the
/// log was lost and began again in between. <see langword="default"/> is no place: nothing is known.
/// </summary>
/// <param name="Epoch">Which life of the log: any number but 0, different whenever the log has lost its history.</param>
/// <param name="Sequence">The number of the last record before this place; records are numbered 1, 2, 3 without a gap.</param>
/// <param name="Link">
/// A random number of the last record. A log that lost its last records and gave their numbers out again is found out by it. 0 in a log that cannot lose any.
/// </param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct InvalidationPosition(long Epoch, long Sequence, long Link = 0)
{
    /// <summary>Whether this is a place in a log at all.</summary>
    public bool IsKnown => Epoch != 0;
}

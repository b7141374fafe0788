using System.Runtime.InteropServices;

namespace ScaleKit.Caching;

/// <summary>Identifies one fill or one set of a key towards a <see cref="ISharedStore"/>.</summary>
/// <param name="Token">A random number above 0, used once. Not a counter: after a failover of the store a counter could give a number out again.</param>
/// <param name="Position">The version: the place of the log that a fill had reached before it read anything, or the place of a set's own record.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FillTicket(long Token, InvalidationPosition Position)
{
    /// <summary>Makes a ticket with a new token.</summary>
    /// <param name="position">The version.</param>
    /// <returns>The ticket.</returns>
    public static FillTicket New(InvalidationPosition position) => new(Random.Shared.NextInt64(1, long.MaxValue), position);
}

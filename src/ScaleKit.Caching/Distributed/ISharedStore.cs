using System.Buffers;

namespace ScaleKit.Caching;

/// <summary>
/// The level that caches share, where it can do more than an <see cref="Microsoft.Extensions.Caching.Distributed.IDistributedCache"/>: it knows the version of
/// each value and who may fill a key. Each method is atomic for its key. The rules: of two values the one with the later version stays; a fill is taken only
/// while its lease holds; a set is taken only while its claim holds; <see cref="RevokeAsync"/> ends every lease that was granted at an older place of
/// the log and every claim to an older version. Versions of a later epoch are later. Implementations are thread-safe.
/// </summary>
public interface ISharedStore
{
    /// <summary>Reads a value.</summary>
    /// <param name="key">The key, with the cache's name before it.</param>
    /// <param name="target">Takes the bytes.</param>
    /// <param name="cancellationToken">Gives up waiting; the target may still be written to.</param>
    /// <returns>Whether there is one, and which.</returns>
    ValueTask<SharedReading> ReadAsync(string key, IBufferWriter<byte> target, CancellationToken cancellationToken = default);

    /// <summary>Reads many values, in one round trip where the store can.</summary>
    /// <param name="keys">The keys, with the cache's name before each.</param>
    /// <param name="targets">Take the bytes, one for each key.</param>
    /// <param name="cancellationToken">Gives up waiting; the targets may still be written to.</param>
    /// <returns>For each key, in their order, whether there is a value, and which.</returns>
    /// <exception cref="ArgumentException">There are not as many targets as keys.</exception>
    ValueTask<IReadOnlyList<SharedReading>> ReadManyAsync(
        IReadOnlyList<string> keys, IReadOnlyList<IBufferWriter<byte>> targets, CancellationToken cancellationToken = default);

    /// <summary>
    /// Asks for the right to fill a key. Granted when nobody else holds it and the key has no value, or still the one that the caller has judged to be of
    /// no use; a value that came meanwhile is handed over instead.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="ticket">The caller's token, and the place of the log that it has reached.</param>
    /// <param name="useless">The <see cref="SharedReading.Id"/> of the value that is of no use; <see cref="SharedReading.Any"/> to fill in any case, also instead of another holder.</param>
    /// <param name="duration">How long the right lasts without <see cref="RenewAsync"/>.</param>
    /// <param name="target">Takes the bytes of a value that came meanwhile.</param>
    /// <param name="cancellationToken">Gives up waiting; the right may be granted all the same and then ends by itself.</param>
    /// <returns>The answer.</returns>
    ValueTask<FillLeaseAnswer> LeaseAsync(
        string key, FillTicket ticket, long useless, TimeSpan duration, IBufferWriter<byte> target, CancellationToken cancellationToken = default);

    /// <summary>Waits until the key may have a value or be free, for a moment at most; may return early.</summary>
    /// <param name="key">The key.</param>
    /// <param name="longest">The longest time to wait.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>A task that completes when it makes sense to ask again.</returns>
    Task WaitAsync(string key, TimeSpan longest, CancellationToken cancellationToken = default);

    /// <summary>Prolongs a lease.</summary>
    /// <param name="key">The key.</param>
    /// <param name="ticket">The holder's.</param>
    /// <param name="duration">How long it lasts from now on.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Whether the lease still held.</returns>
    ValueTask<bool> RenewAsync(string key, FillTicket ticket, TimeSpan duration, CancellationToken cancellationToken = default);

    /// <summary>Gives a lease back without a value, so that the next one need not wait.</summary>
    /// <param name="key">The key.</param>
    /// <param name="ticket">The holder's; another's lease is left alone.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask ReleaseAsync(string key, FillTicket ticket, CancellationToken cancellationToken = default);

    /// <summary>
    /// Stores what a factory made, if the lease still holds and nothing of a later version is there but the value that the lease was granted against; ends the lease.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="ticket">The holder's, as it was granted; its position is the value's version.</param>
    /// <param name="value">The bytes.</param>
    /// <param name="lifetime">How long the store keeps them.</param>
    /// <param name="cancellationToken">Gives up waiting; the value may be stored all the same.</param>
    /// <returns>Whether it was stored.</returns>
    ValueTask<bool> FillAsync(string key, FillTicket ticket, ReadOnlyMemory<byte> value, TimeSpan lifetime, CancellationToken cancellationToken = default);

    /// <summary>Announces a set, before its record is appended to the log: what is revoked from now on, at a later version than the set gets, cannot be undone by it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="ticket">The caller's token; its position is not used.</param>
    /// <param name="duration">How long the claim lasts.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask ClaimAsync(string key, FillTicket ticket, TimeSpan duration, CancellationToken cancellationToken = default);

    /// <summary>Stores a value under the version of its own record, if its claim still holds and no later version was revoked or stored; revokes what is older.</summary>
    /// <param name="key">The key.</param>
    /// <param name="ticket">The token of the claim, with the place of the record.</param>
    /// <param name="value">The bytes.</param>
    /// <param name="lifetime">How long the store keeps them.</param>
    /// <param name="cancellationToken">Gives up waiting; the value may be stored all the same.</param>
    /// <returns>Whether it was stored; what is older is gone in both cases.</returns>
    ValueTask<bool> SetAsync(string key, FillTicket ticket, ReadOnlyMemory<byte> value, TimeSpan lifetime, CancellationToken cancellationToken = default);

    /// <summary>Deletes a value older than <paramref name="version"/>, and sees to it that nothing older is stored any more.</summary>
    /// <param name="key">The key.</param>
    /// <param name="version">The place of the record that made it void; it must have been appended before.</param>
    /// <param name="cancellationToken">Gives up waiting; it may happen all the same.</param>
    ValueTask RevokeAsync(string key, InvalidationPosition version, CancellationToken cancellationToken = default);
}

using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace ScaleKit.Caching;

/// <summary>
/// Any <see cref="IDistributedCache"/> as the shared level, by buffers where it is an <see cref="IBufferDistributedCache"/>. It has neither conditional writes
/// nor leases: every lease is granted, every write is taken, and the cache that wrote takes back what was invalidated meanwhile. Lets the store's exceptions
/// through. Thread-safe where the store is.
/// </summary>
public sealed class DistributedCacheStore : ISharedStore
{
    private readonly IBufferDistributedCache? _buffers;

    /// <summary>Wraps a store, which stays its owner's.</summary>
    /// <param name="store">The store.</param>
    /// <exception cref="ArgumentNullException"><paramref name="store"/> is null.</exception>
    public DistributedCacheStore(IDistributedCache store)
    {
        ArgumentNullException.ThrowIfNull(store);
        Store = store;
        _buffers = store as IBufferDistributedCache;
    }

    internal IDistributedCache Store { get; }

    /// <inheritdoc/>
    public async ValueTask<SharedReading> ReadAsync(string key, IBufferWriter<byte> target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (_buffers is not null)
            return new(await _buffers.TryGetAsync(key, target, cancellationToken).ConfigureAwait(false), 0);
        var bytes = await Store.GetAsync(key, cancellationToken).ConfigureAwait(false);
        if (bytes is not null)
            target.Write(bytes);
        return new(bytes is not null, 0);
    }

    /// <inheritdoc/>
    /// <remarks>The interface has no such call: the reads go out one by one and are awaited together.</remarks>
    public async ValueTask<IReadOnlyList<SharedReading>> ReadManyAsync(
        IReadOnlyList<string> keys, IReadOnlyList<IBufferWriter<byte>> targets, CancellationToken cancellationToken = default)
    {
        SharedLevel.CheckPairs(keys, targets);
        return await Task.WhenAll(keys.Zip(targets, (key, target) => ReadAsync(key, target, cancellationToken).AsTask())).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<FillLeaseAnswer> LeaseAsync(
        string key, FillTicket ticket, long useless, TimeSpan duration, IBufferWriter<byte> target, CancellationToken cancellationToken = default) =>
        new(new FillLeaseAnswer(FillLeaseState.Granted));

    /// <inheritdoc/>
    public Task WaitAsync(string key, TimeSpan longest, CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<bool> RenewAsync(string key, FillTicket ticket, TimeSpan duration, CancellationToken cancellationToken = default) => new(true);

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(string key, FillTicket ticket, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<bool> FillAsync(string key, FillTicket ticket, ReadOnlyMemory<byte> value, TimeSpan lifetime, CancellationToken cancellationToken = default) =>
        WriteAsync(key, value, lifetime, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ClaimAsync(string key, FillTicket ticket, TimeSpan duration, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<bool> SetAsync(string key, FillTicket ticket, ReadOnlyMemory<byte> value, TimeSpan lifetime, CancellationToken cancellationToken = default) =>
        WriteAsync(key, value, lifetime, cancellationToken);

    /// <inheritdoc/>
    public ValueTask RevokeAsync(string key, InvalidationPosition version, CancellationToken cancellationToken = default) =>
        new(Store.RemoveAsync(key, cancellationToken));

    private async ValueTask<bool> WriteAsync(string key, ReadOnlyMemory<byte> value, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var options = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = MonotonicClock.Clamp(lifetime) };
        if (_buffers is not null)
            await _buffers.SetAsync(key, new ReadOnlySequence<byte>(value), options, cancellationToken).ConfigureAwait(false);
        else
            await Store.SetAsync(key, value.ToArray(), options, cancellationToken).ConfigureAwait(false);
        return true;
    }
}

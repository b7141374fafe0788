using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace ScaleKit.Caching;

/// <summary>The shared level of one cache: its keys, its leases and, for a plain <see cref="IDistributedCache"/>, the mark of its last clear. Lets the store's exceptions through.</summary>
internal sealed class SharedLevel
{
    private readonly ISharedStore _store;
    private readonly string _prefix;
    private readonly TimeSpan _lease;

    public SharedLevel(ISharedStore store, TwoLevelCacheOptions options, CacheVersions versions)
    {
        (_store, _prefix, _lease) = (store, options.Name + ":", options.FillLease);
        Cleared = store is DistributedCacheStore plain ? new ClearMark(plain.Store, options.Name, versions) : null;
    }

    /// <summary>The mark of the last clear; <see langword="null"/> where the log lives as long as the values do and needs none.</summary>
    public ClearMark? Cleared { get; }

    /// <summary>Whether the store knows versions and leases. If not, who writes must look afterwards whether he was allowed to.</summary>
    public bool IsConditional => Cleared is null;

    /// <summary>How often a lease is renewed while its factory runs.</summary>
    public TimeSpan RenewalInterval => _lease / 3;

    public ValueTask<SharedReading> ReadAsync(string key, PooledBuffer target, CancellationToken cancellationToken) =>
        _store.ReadAsync(KeyOf(key), target, cancellationToken);

    public ValueTask<IReadOnlyList<SharedReading>> ReadManyAsync(IReadOnlyList<string> keys, IReadOnlyList<PooledBuffer> targets, CancellationToken cancellationToken) =>
        _store.ReadManyAsync([.. keys.Select(KeyOf)], targets, cancellationToken);

    public ValueTask<FillLeaseAnswer> LeaseAsync(string key, FillTicket ticket, long useless, PooledBuffer target, CancellationToken cancellationToken) =>
        _store.LeaseAsync(KeyOf(key), ticket, useless, _lease, target, cancellationToken);

    public Task WaitAsync(string key, TimeSpan longest, CancellationToken cancellationToken) => _store.WaitAsync(KeyOf(key), longest, cancellationToken);

    public ValueTask<bool> RenewAsync(string key, FillTicket ticket) => _store.RenewAsync(KeyOf(key), ticket, _lease, CancellationToken.None);

    public ValueTask ReleaseAsync(string key, FillTicket ticket) => _store.ReleaseAsync(KeyOf(key), ticket, CancellationToken.None);

    public ValueTask<bool> FillAsync(string key, FillTicket ticket, ReadOnlyMemory<byte> value, TimeSpan lifetime, CancellationToken cancellationToken) =>
        _store.FillAsync(KeyOf(key), ticket, value, lifetime, cancellationToken);

    public ValueTask ClaimAsync(string key, FillTicket ticket, CancellationToken cancellationToken) =>
        _store.ClaimAsync(KeyOf(key), ticket, _lease, cancellationToken);

    public ValueTask<bool> SetAsync(string key, FillTicket ticket, ReadOnlyMemory<byte> value, TimeSpan lifetime, CancellationToken cancellationToken) =>
        _store.SetAsync(KeyOf(key), ticket, value, lifetime, cancellationToken);

    public ValueTask RevokeAsync(string key, InvalidationPosition version, CancellationToken cancellationToken) =>
        _store.RevokeAsync(KeyOf(key), version, cancellationToken);

    /// <summary>All at once; the first failure is the caller's to know.</summary>
    public Task RevokeAsync(IEnumerable<string> keys, InvalidationPosition version, CancellationToken cancellationToken) =>
        Task.WhenAll(keys.Select(key => RevokeAsync(key, version, cancellationToken).AsTask()));

    /// <summary>What every <see cref="ISharedStore.ReadManyAsync"/> checks first.</summary>
    public static void CheckPairs(IReadOnlyList<string> keys, IReadOnlyList<IBufferWriter<byte>> targets)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(targets);
        if (keys.Count != targets.Count)
            throw new ArgumentException($"There are {keys.Count} keys and {targets.Count} targets: each key needs its own.", nameof(targets));
    }

    /// <summary>The key under which the store holds it. A cache name has no colon, so no two caches share one.</summary>
    private string KeyOf(string key) => _prefix + key;
}

using System.Buffers;
using ScaleKit.Caching;

namespace SessionCache;

/// <summary>A store at the other end of a wire.</summary>
internal sealed class WiredStore(Wire wire, ISharedStore store) : ISharedStore
{
    public ValueTask<SharedReading> ReadAsync(string key, IBufferWriter<byte> target, CancellationToken cancellationToken = default) =>
        Reach().ReadAsync(key, target, cancellationToken);

    public ValueTask<IReadOnlyList<SharedReading>> ReadManyAsync(
        IReadOnlyList<string> keys, IReadOnlyList<IBufferWriter<byte>> targets, CancellationToken cancellationToken = default) =>
        Reach().ReadManyAsync(keys, targets, cancellationToken);

    public ValueTask<FillLeaseAnswer> LeaseAsync(
        string key, FillTicket ticket, long useless, TimeSpan duration, IBufferWriter<byte> target, CancellationToken cancellationToken = default) =>
        Reach().LeaseAsync(key, ticket, useless, duration, target, cancellationToken);

    public Task WaitAsync(string key, TimeSpan longest, CancellationToken cancellationToken = default) => Reach().WaitAsync(key, longest, cancellationToken);

    public ValueTask<bool> RenewAsync(string key, FillTicket ticket, TimeSpan duration, CancellationToken cancellationToken = default) =>
        Reach().RenewAsync(key, ticket, duration, cancellationToken);

    public ValueTask ReleaseAsync(string key, FillTicket ticket, CancellationToken cancellationToken = default) => Reach().ReleaseAsync(key, ticket, cancellationToken);

    public ValueTask<bool> FillAsync(string key, FillTicket ticket, ReadOnlyMemory<byte> value, TimeSpan lifetime, CancellationToken cancellationToken = default) =>
        Reach().FillAsync(key, ticket, value, lifetime, cancellationToken);

    public ValueTask ClaimAsync(string key, FillTicket ticket, TimeSpan duration, CancellationToken cancellationToken = default) =>
        Reach().ClaimAsync(key, ticket, duration, cancellationToken);

    public ValueTask<bool> SetAsync(string key, FillTicket ticket, ReadOnlyMemory<byte> value, TimeSpan lifetime, CancellationToken cancellationToken = default) =>
        Reach().SetAsync(key, ticket, value, lifetime, cancellationToken);

    public ValueTask RevokeAsync(string key, InvalidationPosition version, CancellationToken cancellationToken = default) =>
        Reach().RevokeAsync(key, version, cancellationToken);

    private ISharedStore Reach()
    {
        wire.Pass();
        return store;
    }
}

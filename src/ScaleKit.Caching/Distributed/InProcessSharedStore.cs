using System.Buffers;
using System.Collections.Concurrent;

namespace ScaleKit.Caching;

/// <summary>
/// A shared level in memory, for several caches of one process that share values and factory calls: the same rules as on a server, without one. It forgets
/// values only when they expire and someone asks for them, so it suits tests and small sets. Thread-safe; needs no disposal.
/// </summary>
public sealed class InProcessSharedStore : ISharedStore
{
    private readonly ConcurrentDictionary<string, Slot> _slots = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;

    /// <summary>Creates an empty store.</summary>
    /// <param name="timeProvider">The clock of lifetimes and leases; the system's if <see langword="null"/>.</param>
    public InProcessSharedStore(TimeProvider? timeProvider = null) => _time = timeProvider ?? TimeProvider.System;

    /// <inheritdoc/>
    public ValueTask<SharedReading> ReadAsync(string key, IBufferWriter<byte> target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        var slot = SlotOf(key);
        lock (slot)
            return new(slot.Read_NeedsLock(_time.GetTimestamp(), target));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SharedReading>> ReadManyAsync(
        IReadOnlyList<string> keys, IReadOnlyList<IBufferWriter<byte>> targets, CancellationToken cancellationToken = default)
    {
        SharedLevel.CheckPairs(keys, targets);
        var readings = new SharedReading[keys.Count];
        for (var i = 0; i < readings.Length; i++)
        {
            var slot = SlotOf(keys[i]);
            lock (slot)
                readings[i] = slot.Read_NeedsLock(_time.GetTimestamp(), targets[i]);
        }

        return new(readings);
    }

    /// <inheritdoc/>
    public ValueTask<FillLeaseAnswer> LeaseAsync(
        string key, FillTicket ticket, long useless, TimeSpan duration, IBufferWriter<byte> target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        var slot = SlotOf(key);
        lock (slot)
        {
            var now = _time.GetTimestamp();
            slot.Expire_NeedsLock(now);
            if (useless != SharedReading.Any && slot.Value is { } value && value.Id != useless)
                return new(new FillLeaseAnswer(FillLeaseState.Found, slot.Read_NeedsLock(now, target).Id));
            if (useless != SharedReading.Any && slot.Owner is { } owner && owner.Token != ticket.Token)
                return new(new FillLeaseAnswer(FillLeaseState.Held));
            (slot.Owner, slot.Useless) = (ticket, useless);
            slot.Extend_NeedsLock(After(duration));
            return new(new FillLeaseAnswer(FillLeaseState.Granted));
        }
    }

    /// <inheritdoc/>
    public Task WaitAsync(string key, TimeSpan longest, CancellationToken cancellationToken = default)
    {
        var slot = SlotOf(key);
        Task freed;
        lock (slot)
            freed = slot.Freed.Task;
        return SuppressTimeoutAsync(freed.WaitAsync(longest, _time, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewAsync(string key, FillTicket ticket, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        var slot = SlotOf(key);
        lock (slot)
        {
            slot.Expire_NeedsLock(_time.GetTimestamp());
            if (slot.Owner?.Token != ticket.Token)
                return new(false);
            slot.Extend_NeedsLock(After(duration));
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(string key, FillTicket ticket, CancellationToken cancellationToken = default)
    {
        var slot = SlotOf(key);
        lock (slot)
        {
            if (slot.Owner?.Token == ticket.Token)
                slot.Free_NeedsLock();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> FillAsync(string key, FillTicket ticket, ReadOnlyMemory<byte> value, TimeSpan lifetime, CancellationToken cancellationToken = default)
    {
        var slot = SlotOf(key);
        lock (slot)
        {
            slot.Expire_NeedsLock(_time.GetTimestamp());
            if (slot.Owner?.Token != ticket.Token)
                return new(false);
            slot.Free_NeedsLock();
            return new(slot.TryStore_NeedsLock(ticket, value, After(lifetime), slot.Useless));
        }
    }

    /// <inheritdoc/>
    public ValueTask ClaimAsync(string key, FillTicket ticket, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        var slot = SlotOf(key);
        lock (slot)
        {
            slot.Expire_NeedsLock(_time.GetTimestamp());
            slot.Claims.Add(ticket.Token);
            slot.Extend_NeedsLock(After(duration));
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> SetAsync(string key, FillTicket ticket, ReadOnlyMemory<byte> value, TimeSpan lifetime, CancellationToken cancellationToken = default)
    {
        var slot = SlotOf(key);
        lock (slot)
        {
            slot.Expire_NeedsLock(_time.GetTimestamp());
            var isClaimed = slot.Claims.Remove(ticket.Token) && !IsOlder(ticket.Position, slot.Floor);
            slot.Revoke_NeedsLock(ticket.Position);
            return new(isClaimed && slot.TryStore_NeedsLock(ticket, value, After(lifetime)));
        }
    }

    /// <inheritdoc/>
    public ValueTask RevokeAsync(string key, InvalidationPosition version, CancellationToken cancellationToken = default)
    {
        var slot = SlotOf(key);
        lock (slot)
        {
            slot.Expire_NeedsLock(_time.GetTimestamp());
            slot.Revoke_NeedsLock(version);
        }

        return ValueTask.CompletedTask;
    }

    private static bool IsOlder(InvalidationPosition one, InvalidationPosition other) =>
        one.Epoch != other.Epoch ? one.Epoch < other.Epoch : one.Sequence < other.Sequence;

    private static async Task SuppressTimeoutAsync(Task waiting, CancellationToken cancellationToken)
    {
        await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private Slot SlotOf(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return _slots.TryGetValue(key, out var known) ? known : _slots.GetOrAdd(key, _ => new Slot());
    }

    private long After(TimeSpan duration) => _time.GetTimestamp() + (long)(MonotonicClock.Clamp(duration).TotalSeconds * _time.TimestampFrequency);

    private sealed record Stored(long Id, InvalidationPosition Version, byte[] Bytes, long Until);

    /// <summary>One key: its value, and who may change it until when.</summary>
    private sealed class Slot
    {
        private long _until;

        public Stored? Value { get; private set; }

        public FillTicket? Owner { get; set; }

        /// <summary>The value that the owner found useless, to be replaced whatever its version.</summary>
        public long Useless { get; set; }

        public HashSet<long> Claims { get; } = [];

        /// <summary>The highest version that was revoked while someone held a lease or a claim: what holds one may not go below it.</summary>
        public InvalidationPosition Floor { get; private set; }

        public TaskCompletionSource Freed { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public SharedReading Read_NeedsLock(long now, IBufferWriter<byte> target)
        {
            Expire_NeedsLock(now);
            if (Value is not { } value)
                return default;
            target.Write(value.Bytes);
            return new(IsFound: true, value.Id);
        }

        public void Expire_NeedsLock(long now)
        {
            if (Value?.Until <= now)
                Value = null;
            if (_until > now)
                return;
            Claims.Clear();
            Floor = default;
            if (Owner is not null)
                Free_NeedsLock();
        }

        public void Extend_NeedsLock(long until) => _until = Math.Max(_until, until);

        public void Free_NeedsLock()
        {
            Owner = null;
            var freed = Freed;
            Freed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            freed.TrySetResult();
        }

        public void Revoke_NeedsLock(InvalidationPosition version)
        {
            if (Value is { } value && IsOlder(value.Version, version))
                Value = null;
            if (Owner is { } owner && IsOlder(owner.Position, version))
                Free_NeedsLock();
            if (Claims.Count > 0 && IsOlder(Floor, version))
                Floor = version;
        }

        public bool TryStore_NeedsLock(FillTicket ticket, ReadOnlyMemory<byte> bytes, long until, long useless = 0)
        {
            if (Value is { } present && present.Id != useless && IsOlder(ticket.Position, present.Version))
                return false;
            Value = new(ticket.Token, ticket.Position, bytes.ToArray(), until);
            return true;
        }
    }
}

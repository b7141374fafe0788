using System.Text;
using ScaleKit.Migration;

namespace ScaleKit.Redis;

/// <summary>
/// A migration's journal in Redis: the phase, checkpoints, the leases of the instances by the server's clock, and the audit log. Thread-safe; needs no disposal.
/// </summary>
/// <remarks>
/// Use a server that persists (AOF) and evicts nothing. A replica that is promoted may lack the last writes: an instance of the application that has seen them writes them anew, so a failover needs no operator while one
/// of these lives. Where all of them die with the primary, the fences in the stores refuse what would be lost with a lost intent (<see cref="StoreFencedException"/>), but the end of a move alone may be lost unnoticed: where
/// that matters, use a <see cref="SqlJournal"/> in the store that issues versions.
/// </remarks>
public sealed class RedisJournal : IMigrationJournal
{
    private const string DocumentArea = "migration";
    private const string FleetArea = "migration-fleet";
    private static readonly RedisScript WriteDocument = RedisScript.Load("Migration", nameof(WriteDocument));
    private static readonly RedisScript ReadDocument = RedisScript.Load("Migration", nameof(ReadDocument));
    private static readonly RedisScript TakeLease = RedisScript.Load("Migration", nameof(TakeLease));
    private static readonly RedisScript RenewLease = RedisScript.Load("Migration", nameof(RenewLease));
    private static readonly RedisScript ReadLeases = RedisScript.Load("Migration", nameof(ReadLeases));
    private static readonly RedisScript RemoveLease = RedisScript.Load("Migration", nameof(RemoveLease));
    private static readonly RedisScript AppendAudit = RedisScript.Load("Migration", nameof(AppendAudit));
    private static readonly RedisScript ReadAudit = RedisScript.Load("Migration", nameof(ReadAudit));
    private readonly RedisConnection _connection;

    /// <summary>Uses a connection, which stays its owner's.</summary>
    /// <param name="connection">The connection.</param>
    /// <exception cref="ArgumentNullException"><paramref name="connection"/> is null.</exception>
    public RedisJournal(RedisConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        _connection = connection;
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<JournalEntry?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        var items = (await _connection.RunAsync(ReadDocument, [Document(name)], [], cancellationToken).ConfigureAwait(false)).ToItems();
        return items[0].IsNull ? null : new JournalEntry(Text(items[1]), items[0].ToInt64());
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<bool> TryWriteAsync(string name, long expectedRevision, string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(expectedRevision);
        var reply = await _connection.RunAsync(WriteDocument, [Document(name)], [expectedRevision, Bytes(text)], cancellationToken).ConfigureAwait(false);
        return reply.ToInt64() == 1;
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<long> TakeLeaseAsync(string fleet, string holder, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(holder);
        var reply = await _connection.RunAsync(TakeLease, [Leases(fleet)], [Bytes(holder), Milliseconds(duration)], cancellationToken).ConfigureAwait(false);
        return reply.ToInt64();
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<bool> RenewLeaseAsync(string fleet, long number, long acknowledged, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        var reply = await _connection.RunAsync(RenewLease, [Leases(fleet)], [number, acknowledged, Milliseconds(duration)], cancellationToken).ConfigureAwait(false);
        return reply.ToInt64() == 1;
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<IReadOnlyList<InstanceLease>> GetLeasesAsync(string fleet, CancellationToken cancellationToken = default)
    {
        var items = (await _connection.RunAsync(ReadLeases, [Leases(fleet)], [], cancellationToken).ConfigureAwait(false)).ToItems();
        return [.. items.Chunk(4).Select(l => new InstanceLease(l[0].ToInt64(), Text(l[3]), l[1].ToInt64(), l[2].ToInt64() == 1)).OrderBy(static l => l.Number)];
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<bool> RemoveLeaseAsync(string fleet, long number, bool onlyIfEnded, CancellationToken cancellationToken = default)
    {
        var reply = await _connection.RunAsync(RemoveLease, [Leases(fleet)], [number, onlyIfEnded ? 1L : 0L], cancellationToken).ConfigureAwait(false);
        return reply.ToInt64() == 1;
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask AppendAuditAsync(string fleet, string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        await _connection.RunAsync(AppendAudit, [Audit(fleet)], [Bytes(text)], cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<IReadOnlyList<JournalAuditRecord>> ReadAuditAsync(string fleet, long after, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var items = (await _connection.RunAsync(ReadAudit, [Audit(fleet)], [after, limit], cancellationToken).ConfigureAwait(false)).ToItems();
        return [.. items.Chunk(2).Select((record, i) => new JournalAuditRecord(after + i + 1, DateTimeOffset.FromUnixTimeMilliseconds(record[0].ToInt64()), Text(record[1])))];
    }

    private static string Text(RedisReply reply) => Encoding.UTF8.GetString(reply.ToBytes() ?? []);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static long Milliseconds(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        return Math.Max(1, (long)duration.TotalMilliseconds);
    }

    private RedisName Document(string name) => Name(DocumentArea, name, "");

    private RedisName Leases(string fleet) => Name(FleetArea, fleet, ":leases");

    private RedisName Audit(string fleet) => Name(FleetArea, fleet, ":audit");

    private RedisName Name(string area, string tag, string suffix)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        return _connection.Names.Name(area, tag, suffix);
    }
}

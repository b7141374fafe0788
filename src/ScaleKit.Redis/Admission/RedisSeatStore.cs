using System.Text;
using ScaleKit.Admission;

namespace ScaleKit.Redis;

/// <summary>
/// The seats of one admission queue in Redis, for all nodes together: decided by one script on one hash slot, by the server's clock alone. Room names are hashed
/// and never stored. Thread-safe; needs no disposal.
/// </summary>
public sealed class RedisSeatStore : ISeatStore
{
    private const string Area = "admission";
    private static readonly RedisScript Script = RedisScript.Load("Admission", "Seats");
    private static readonly string[] Kinds = ["look", "join", "act", "leave"];

    private readonly RedisConnection _connection;
    private readonly string _queue;
    private readonly RedisKeys _keys;
    private readonly byte[] _channels;

    /// <summary>Uses a connection, which stays its owner's.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="queue">The name of the queue: queues of one name share their seats. Any text of 1 to 256 UTF-16 units.</param>
    /// <exception cref="ArgumentNullException"><paramref name="connection"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="queue"/> is empty or too long.</exception>
    public RedisSeatStore(RedisConnection connection, string queue = "default")
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentException.ThrowIfNullOrEmpty(queue);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(queue.Length, 256, nameof(queue));
        (_connection, _queue) = (connection, queue);
        _keys = RedisKeys.Create(
        [
            Name(":head"), Name(":nodes"), Name(":rooms"), Name(":held"), Name(":line"), Name(":ready"), Name(":parked"), Name(":mail"), Name(":replies"),
            Name(":over"),
        ]);
        _channels = Name(":").ToBytes();
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The node is not 16 ASCII characters.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The lease is shorter than a millisecond.</exception>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<SeatReply> StepAsync(SeatStep step, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (step.Node is not { Length: 16 } || !Ascii.IsValid(step.Node))
        {
            throw new ArgumentException("The node must be 16 ASCII characters.", nameof(step));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(step.Lease, TimeSpan.FromMilliseconds(1), nameof(step));
        var reply = await _connection.RunAsync(
            Script,
            _keys,
            [step.Node, Kinds[(int)step.Kind], step.Epoch, step.Sequence, (long)step.Lease.TotalMilliseconds, _channels, SeatCodec.Write(step)],
            cancellationToken).ConfigureAwait(false);
        return SeatCodec.Read(reply.ToBytes());
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(string node, Action wake)
    {
        ArgumentException.ThrowIfNullOrEmpty(node);
        ArgumentNullException.ThrowIfNull(wake);
        return new Subscription(_connection.Subscribe(Name(":" + node), new WakeListener(wake)));
    }

    private RedisName Name(string suffix) => _connection.Names.Name(Area, _queue, suffix);

    private sealed class Subscription(RedisSubscription subscription) : IDisposable
    {
        public void Dispose() => Late.Observe(subscription.DisposeAsync().AsTask());
    }
}

using System.Buffers;
using ScaleKit.Caching;

namespace ScaleKit.Redis;

/// <summary>Joins readings into one MGET. Not for a Redis Cluster, where the keys lie on many servers. Thread-safe.</summary>
internal sealed class ReadQueue(RedisConnection connection) : FlightQueue<PendingRead, byte[]?, PendingRead>
{
    public ValueTask<SharedReading> ReadAsync(RedisName name, IBufferWriter<byte> target, CancellationToken cancellationToken)
    {
        var read = FreeList<PendingRead>.Take() ?? new PendingRead();
        var task = read.Begin(name, target, cancellationToken);
        Join(read);
        return task;
    }

    protected override ReadFlight Create() => new(this, connection);

    protected override void Join_NeedsLock(Queue<PendingRead> waiting, PendingRead caller) => waiting.Enqueue(caller);
}

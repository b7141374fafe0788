using System.Buffers;
using System.Threading.Tasks.Sources;
using ScaleKit.Caching;

namespace ScaleKit.Redis;

/// <summary>
/// One caller that waits for the bytes of a key. The caller's memory is written on the caller's own way, when it takes the answer: so nobody writes there after it has
/// given up.
/// </summary>
internal sealed class PendingRead : FlightCaller<byte[]?>, IValueTaskSource<SharedReading>
{
    private IBufferWriter<byte> _target = null!;

    public RedisName Name { get; private set; }

    public ValueTask<SharedReading> Begin(RedisName name, IBufferWriter<byte> target, CancellationToken cancellationToken)
    {
        (Name, _target) = (name, target);
        return new(this, Begin(cancellationToken));
    }

    public SharedReading GetResult(short token)
    {
        var target = _target;
        if (Take(token, out var bytes))
        {
            (Name, _target) = (default, null!);
            FreeList<PendingRead>.Give(this);
        }

        return SharedValue.Take(bytes, target);
    }
}

using System.Collections.Concurrent;
using System.Text;

namespace ScaleKit.Redis.Tests.Connection;

/// <summary>Writes down what a subscription told it, in order; "restored" is an entry like every message.</summary>
internal sealed class RecordingListener : IRedisListener
{
    public const string Restored = "(restored)";
    private int _inside;

    public ConcurrentQueue<string> Heard { get; } = new();

    public int Restorations => Heard.Count(entry => entry == Restored);

    public IEnumerable<string> Messages => Heard.Where(entry => entry != Restored);

    /// <summary>True when two calls ever overlapped.</summary>
    public bool Overlapped { get; private set; }

    public Func<string, ValueTask> OnEach { get; set; } = _ => ValueTask.CompletedTask;

    public ValueTask OnMessageAsync(byte[] message, CancellationToken cancellationToken) => HearAsync(Encoding.UTF8.GetString(message));

    public ValueTask OnRestoredAsync(CancellationToken cancellationToken) => HearAsync(Restored);

    private async ValueTask HearAsync(string entry)
    {
        Overlapped |= Interlocked.Increment(ref _inside) != 1;
        try
        {
            await OnEach(entry);
            Heard.Enqueue(entry);
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }
}

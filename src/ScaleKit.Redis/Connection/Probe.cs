using System.Security.Cryptography;

namespace ScaleKit.Redis;

/// <summary>A message that a subscription sends to itself: a mark that tells it from every message of an application, and a random number.</summary>
internal sealed class Probe
{
    private const int NumberLength = 16;
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Probe()
    {
        Message = new byte[Mark.Length + NumberLength];
        Mark.CopyTo(Message);
        RandomNumberGenerator.Fill(Message.AsSpan(Mark.Length));
    }

    public byte[] Message { get; }

    /// <summary>Completes when the message has come back.</summary>
    public Task Answered => _answered.Task;

    private static ReadOnlySpan<byte> Mark => "\0scalekit-probe\0"u8;

    /// <summary>True for the probes of this and of every other node.</summary>
    public static bool Is(ReadOnlySpan<byte> message) => message.Length == Mark.Length + NumberLength && message.StartsWith(Mark);

    public void TryAnswer(ReadOnlySpan<byte> message)
    {
        if (message.SequenceEqual(Message))
        {
            _answered.TrySetResult();
        }
    }
}

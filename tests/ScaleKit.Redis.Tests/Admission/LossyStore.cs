using ScaleKit.Admission;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>A store on a bad line: some steps do not arrive, the answers to some do not come back, and, if one likes, no word that there is something to fetch.</summary>
internal sealed class LossyStore(ISeatStore inner, int seed = 1, bool isDeaf = false, bool losesSteps = false) : ISeatStore
{
    private readonly Random _random = new(seed);
    private volatile Func<SeatReply, Task> _answering = static _ => Task.CompletedTask;
    private volatile bool _isCut;
    private volatile int _lost;
    private volatile int _answered;

    /// <summary>Steps that were not answered.</summary>
    public int Lost => _lost;

    public int Answered => _answered;

    /// <summary>No step arrives.</summary>
    public bool IsCut { get => _isCut; set => _isCut = value; }

    /// <summary>Every answer of the store waits for this.</summary>
    public Func<SeatReply, Task> Answering { get => _answering; set => _answering = value; }

    public async ValueTask<SeatReply> StepAsync(SeatStep step, CancellationToken cancellationToken = default)
    {
        var fate = losesSteps ? _random.Next(6) : 6;
        if (fate == 0 || IsCut)
        {
            _lost++;
            throw new TimeoutException("The step is lost.");
        }

        var reply = await inner.StepAsync(step, cancellationToken);
        await Answering(reply);
        if (fate == 1)
        {
            _lost++;
            throw new TimeoutException("The answer is lost.");
        }

        _answered++;
        return reply;
    }

    public IDisposable Subscribe(string node, Action wake) => inner.Subscribe(node, isDeaf ? () => { } : wake);
}

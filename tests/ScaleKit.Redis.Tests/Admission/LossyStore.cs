using ScaleKit.Admission;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>A store on a bad line: some steps do not arrive, the answers to some do not come back, and, if one likes, no word that there is
/// something to fetch, and every answer waits for a permit.</summary>
internal sealed class LossyStore(ISeatStore inner, int seed = 1, bool isDeaf = false, bool losesSteps = false, SemaphoreSlim? answers = null) : ISeatStore
{
    private readonly Random _random = new(seed);

    public int Lost { get; private set; }

    public async ValueTask<SeatReply> StepAsync(SeatStep step, CancellationToken cancellationToken = default)
    {
        var fate = losesSteps ? _random.Next(6) : 6;
        if (fate == 0)
        {
            Lost++;
            throw new TimeoutException("The step is lost.");
        }

        var reply = await inner.StepAsync(step, cancellationToken);
        await (answers?.WaitAsync(CancellationToken.None) ?? Task.CompletedTask);
        if (fate == 1)
        {
            Lost++;
            throw new TimeoutException("The answer is lost.");
        }

        return reply;
    }

    public IDisposable Subscribe(string node, Action wake) => inner.Subscribe(node, isDeaf ? () => { } : wake);
}

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <inheritdoc cref="Call"/>
internal sealed class Call<TResult>(Place place, string what, bool mutates, ulong arguments, Func<Lasting, TResult> effect, Func<TResult, ulong> hash, Func<string>? show)
    : Call(place, what, mutates, arguments, show)
{
    public override Answer On(Lasting lasting)
    {
        var result = effect(lasting);
        return new(result, hash(result));
    }

    public TResult Now(Lasting lasting) => effect(lasting);
}

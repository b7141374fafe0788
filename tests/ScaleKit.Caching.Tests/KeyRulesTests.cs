using FsCheck;
using FsCheck.Fluent;

namespace ScaleKit.Caching.Tests;

public sealed class KeyRulesTests
{
    [Fact]
    public void IsWellFormed_AnyString_AgreesWithAStrictEncoder()
    {
        var strict = new System.Text.UTF8Encoding(false, true);
        var characters = Gen.Elements('a', 'é', '\u0001', '\ud83d', '\ude00', '\udfff', '\ud800');
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(characters.ArrayOf().ToArbitrary(), chars =>
        {
            bool expected;
            try
            {
                strict.GetByteCount(chars);
                expected = true;
            }
            catch (System.Text.EncoderFallbackException)
            {
                expected = false;
            }

            return KeyRules.IsWellFormed(chars) == expected;
        }));
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ScaleKit.AspNetCore.Tests;

/// <summary>A setting that is wrong stops the start: nobody learns of it from a request.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("ScaleKit:RateLimiting:Policies:login:Limit", "0", "login")]
    [InlineData("ScaleKit:Admission:RoomCapacity", "-1", "RoomCapacity")]
    [InlineData("ScaleKit:Caching:Expiration", "00:00:00", "Expiration")]
    [InlineData("ScaleKit:Caching:Caches:plans:Expiration", "00:00:00", "Expiration")]
    public async Task Start_SettingIsWrong_FailsAndNamesIt(string setting, string value, string named)
    {
        await using var app = Build((setting, value));

        var failure = await Assert.ThrowsAnyAsync<ArgumentException>(() => app.StartAsync());

        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_SettingsAreRight_Starts()
    {
        await using var app = Build(("ScaleKit:RateLimiting:Policies:login:Limit", "10"), ("ScaleKit:RateLimiting:Policies:login:Window", "00:01:00"));

        await app.StartAsync();

        Assert.NotEmpty(app.Urls);
    }

    private static WebApplication Build(params ReadOnlySpan<(string Setting, string Value)> settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        foreach (var (setting, value) in settings)
        {
            builder.Configuration[setting] = value;
        }

        builder.Services.AddScaleKitRateLimiting();
        builder.Services.AddAdmissionQueue();
        builder.Services.AddTwoLevelCache();
        builder.Services.AddKeyedTwoLevelCache("plans");
        return builder.Build();
    }
}

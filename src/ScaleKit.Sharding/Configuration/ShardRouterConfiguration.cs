using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ScaleKit.Sharding;

/// <summary>
/// Binds the options to the configuration when the application has one: before the code's own settings, so that code wins, and the kill
/// switch once more after them, because an operator must be able to press it whatever the code says.
/// </summary>
internal sealed class ShardRouterConfiguration(IServiceProvider provider)
    : IConfigureOptions<ShardRouterOptions>, IPostConfigureOptions<ShardRouterOptions>, IOptionsChangeTokenSource<ShardRouterOptions>
{
    private readonly IConfigurationSection? _section =
        provider.GetService<IConfiguration>()?.GetSection(ShardRouterOptions.SectionName);

    public string Name => Options.DefaultName;

    public void Configure(ShardRouterOptions options)
    {
        if (_section is not null)
        {
            _section.Bind(options);
        }
    }

    public void PostConfigure(string? name, ShardRouterOptions options)
    {
        if (_section is not null)
        {
            options.Enabled = _section.GetValue(nameof(ShardRouterOptions.Enabled), options.Enabled);
        }
    }

    public IChangeToken GetChangeToken() => _section?.GetReloadToken() ?? new CancellationChangeToken(CancellationToken.None);
}
